#include "tvp/moment.hpp"

#include "tokenvault/time_text.hpp"

namespace tokenvault::tvp {

std::optional<Time> parse_moment(std::string_view text) {
  constexpr std::size_t kDateSize = 10;
  if (text.size() > kDateSize && text[kDateSize] == ' ') return std::nullopt;
  return parse_rfc3339(text);
}

}  // namespace tokenvault::tvp
