#include "json_string.hpp"

#include "../try.hpp"

namespace tokenvault::cli {
namespace {

Status put_control(SecretOutput& out, unsigned byte) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  TV_CHECK(out.put("\\u00"));
  TV_CHECK(out.put(kDigits.substr(byte >> 4, 1)));
  return out.put(kDigits.substr(byte & 15, 1));
}

}  // namespace

Status put_json_text(SecretOutput& out, std::span<const std::byte> text) {
  for (const auto byte : text) {
    if (byte < std::byte{0x20}) {
      TV_CHECK(put_control(out, std::to_integer<unsigned>(byte)));
      continue;
    }
    if (byte == std::byte{'"'} || byte == std::byte{'\\'}) TV_CHECK(out.put(std::byte{'\\'}));
    TV_CHECK(out.put(byte));
  }
  return Ok{};
}

Status put_json_text(SecretOutput& out, std::string_view text) {
  return put_json_text(out, std::as_bytes(std::span(text)));
}

}  // namespace tokenvault::cli
