// {"schema":1,"tokens":[...]}, which the import reads as it is: what a token hardly has goes out in base64.
#include "../json.hpp"
#include "../try.hpp"
#include "../value_input.hpp"
#include "export_format.hpp"
#include "json_string.hpp"
#include "tokenvault/name.hpp"

namespace tokenvault::cli {
namespace {

/// In pieces of a multiple of 3, which join without padding.
Status write_base64(SecretOutput& out, ExportFormat::Value value) {
  constexpr std::size_t kPiece = 3072;
  for (; !value.empty(); value = value.subspan(std::min(kPiece, value.size()))) {
    TV_TRY(const auto piece, SecretBuffer::copy_of(value.first(std::min(kPiece, value.size()))));
    TV_TRY(const auto text, base64_encode(piece));
    TV_CHECK(out.put(text.expose()));
  }
  return Ok{};
}

Status write(SecretOutput& out, const ExportLine& line, ExportFormat::Value value) {
  const bool plain = is_printable(value);
  TV_CHECK(out.put(json_token_before_value(line.name, line.expires, plain ? "value" : "value_b64")));
  TV_CHECK(plain ? put_json_text(out, value) : write_base64(out, value));
  return out.put("\"}");
}

}  // namespace

const ExportFormat kJsonExport{
    .name = "json",
    .head = "{\"schema\":1,\"tokens\":[\n",
    .between = ",\n",
    .tail = "\n]}\n",
    .carries_name = [](std::string_view name) { return check_name(name).has_value(); },
    .obstacle = [](ExportFormat::Value) { return std::string_view(); },
    .write = write,
};

}  // namespace tokenvault::cli
