#include "base64_text.hpp"

#include "../try.hpp"

namespace tokenvault::cli {

Status Base64Text::append(int byte) {
  TV_CHECK(piece_.append(byte));
  return piece_.full() ? decode() : Status(Ok{});
}

Status Base64Text::decode() {
  if (padded_) return Error(Errc::invalid_argument, "the base64 goes on after its padding");
  const auto text = piece_.take();
  TV_TRY(const auto bytes, base64_decode(text));
  padded_ = bytes.size() < text.size() / 4 * 3;
  for (const auto byte : bytes.expose()) TV_CHECK(bytes_.append(std::to_integer<int>(byte)));
  return Ok{};
}

Result<SecretBuffer> Base64Text::take() {
  if (piece_.size() > 0) TV_CHECK(decode());
  return bytes_.take();
}

}  // namespace tokenvault::cli
