#pragma once
#include <string_view>

namespace tokenvault {

/// Whether nothing in this JSON text lies in more than `most` arrays and objects. Asked before anything is built from
/// text of somebody else's: a few megabytes of brackets would become a hundred of values.
inline bool is_shallow(std::string_view text, int most) noexcept {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\') ++i;
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if ((c == '[' || c == '{') && ++depth > most) return false;
    if (c == ']' || c == '}') --depth;
  }
  return true;
}

}  // namespace tokenvault
