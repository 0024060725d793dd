#include "tokenvault/name.hpp"

#include "core/mutant.hpp"
#include "core/utf8.hpp"

namespace tokenvault {
namespace {

Error bad(const char* rule) {
  return Error(Errc::invalid_argument, std::string("not a token's name: ") + rule);
}

/// The segments' rule; null when all keep it.
const char* broken_segment(std::string_view name) noexcept {
  for (;;) {
    const auto end = name.find('/');
    const auto segment = name.substr(0, end);
    if (segment.empty()) return "a segment between slashes is empty";
    if (segment == "." || segment == "..") return "\".\" and \"..\" are no segments";
    if (end == std::string_view::npos) return nullptr;
    name.remove_prefix(end + 1);
  }
}

}  // namespace

Status check_name(std::string_view name) {
  if (!mutated("name.empty") && name.empty()) return bad("it is empty");
  if (!mutated("name.size") && name.size() > kMaxNameSize) return bad("it is longer than 255 bytes");
  if (!mutated("name.text") && !is_plain_text(name)) return bad("it is not UTF-8 without control characters");
  if (const char* rule = mutated("name.segment") ? nullptr : broken_segment(name)) return bad(rule);
  return Ok{};
}

}  // namespace tokenvault
