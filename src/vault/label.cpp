#include "vault/label.hpp"

#include "core/utf8.hpp"
#include "format/node.hpp"

namespace tokenvault {

Status check_label(std::string_view label) {
  if (label.size() > format::kMaxLabelSize) return Error(Errc::refused, "a label is at most 255 bytes");
  if (!is_plain_text(label)) return Error(Errc::refused, "a label is UTF-8 text without control characters");
  return Ok{};
}

}  // namespace tokenvault
