#include "policy_change.hpp"

#include <array>
#include <utility>

#include "../time_text.hpp"
#include "../try.hpp"
#include "provider.hpp"

namespace tokenvault::cli {
namespace {

Error wrong(std::string why) { return {Errc::invalid_argument, std::move(why)}; }

Status set_span(std::chrono::seconds& span, const std::optional<std::string>& text, const char* flag) {
  if (!text) return Ok{};
  const auto parsed = parse_span(*text);
  if (!parsed) return wrong(std::string(flag) + " takes a span such as 90d, 12h, 30m, 45s or 2w");
  span = *parsed;
  return Ok{};
}

Status set_spans(Policy& policy, const PolicyFlags& flags) {
  TV_CHECK(set_span(policy.rotate_after, flags.rotate_after, "--rotate-after"));
  TV_CHECK(set_span(policy.grace, flags.grace, "--grace"));
  TV_CHECK(set_span(policy.lifetime, flags.lifetime, "--lifetime"));
  return set_span(policy.timeout, flags.timeout, "--timeout");
}

/// An empty value takes the key away.
Status set_pairs(std::map<std::string, std::string>& map, const std::vector<std::string>& pairs,
                 const char* wanted) {
  for (const auto& pair : pairs) {
    const auto equals = pair.find('=');
    if (equals == 0 || equals == std::string::npos) return wrong(wanted);
    const auto key = pair.substr(0, equals);
    map.erase(key);
    if (equals + 1 < pair.size()) map.emplace(key, pair.substr(equals + 1));
  }
  return Ok{};
}

}  // namespace

bool changes(const PolicyFlags& flags) noexcept {
  return flags.provider || flags.rotate_after || flags.grace || flags.lifetime || flags.timeout ||
         flags.owner || !flags.settings.empty() || !flags.secrets.empty() || flags.none;
}

Result<Policy> changed(const std::optional<Policy>& before, const PolicyFlags& flags) {
  auto policy = before.value_or(Policy{});
  if (flags.provider) policy.provider = *flags.provider;
  if (flags.owner) policy.owner = *flags.owner;
  TV_CHECK(set_spans(policy, flags));
  TV_CHECK(set_pairs(policy.settings, flags.settings, "--set takes K=V"));
  TV_CHECK(set_pairs(policy.secrets, flags.secrets, "--secret takes WORD=NAME"));
  if (policy.provider.empty()) return wrong("a first policy says who issues the token: --provider P");
  // The rule's own text repeats nothing that was typed.
  if (const auto sound = check_policy(policy); !sound) return wrong(sound.error().message());
  TV_CHECK(check_provider_word(policy));
  return policy;
}

}  // namespace tokenvault::cli
