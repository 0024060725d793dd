#include "recipe/meaning.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tokenvault::recipe {

Meaning meaning_of(const Call& call, const HttpAnswer& answer) {
  const auto among = [&](const std::vector<int>& statuses) {
    return std::ranges::find(statuses, answer.status) != statuses.end();
  };
  if (!answer.sent) return Meaning::not_sent;
  if (!answer.complete) return Meaning::unclear;
  if (answer.status == 429) return Meaning::too_many;
  if (among(call.yes)) return Meaning::yes;
  return among(call.no) ? Meaning::no : Meaning::unclear;
}

std::string plight_of(const HttpAnswer& answer) {
  if (!answer.sent) return fmt::format("the request was not sent ({}); try again later", answer.trouble);
  if (!answer.complete) return fmt::format("the provider's answer did not arrive whole ({})", answer.trouble);
  if (answer.status == 429) return "the provider wants fewer requests (status 429); try again later";
  if (answer.status >= 300 && answer.status <= 399) {
    return fmt::format(
        "the provider answered with a redirect (status {}), which is not followed; correct the base",
        answer.status);
  }
  return fmt::format("the provider answered with status {}", answer.status);
}

std::optional<Outcome> unless_yes(const Call& call, const HttpAnswer& answer) {
  switch (meaning_of(call, answer)) {
    case Meaning::yes: return std::nullopt;
    case Meaning::no:
    case Meaning::too_many:
    case Meaning::not_sent: return refused(plight_of(answer), answer.retry_after);
    case Meaning::unclear: break;
  }
  return in_doubt(plight_of(answer));
}

}  // namespace tokenvault::recipe
