#include "tokenvault/provider.hpp"

#include <algorithm>

#include "core/try.hpp"
#include "core/utf8.hpp"
#include "tokenvault/rotation.hpp"

namespace tokenvault {
namespace {

constexpr std::chrono::seconds kLongestSpan = std::chrono::hours(24 * 366);
constexpr std::size_t kMostSteps = 20;
constexpr std::size_t kMaxStepSize = 200;

bool is_up_to_a_year(std::chrono::seconds span) { return span.count() >= 0 && span <= kLongestSpan; }

}  // namespace

Status check_capabilities(const ProviderCapabilities& capabilities) {
  const auto wrong = [](const char* what) {
    return Error(Errc::refused, std::string("a provider declares ") + what);
  };
  if (!is_up_to_a_year(capabilities.overlap)) return wrong("an overlap that is negative or above a year");
  if (!is_up_to_a_year(capabilities.propagation))
    return wrong("a propagation that is negative or above a year");
  if (capabilities.steps.size() > kMostSteps) return wrong("more than 20 steps");
  const auto is_step = [](const std::string& step) {
    return step.size() <= kMaxStepSize && is_plain_text(step);
  };
  if (!std::ranges::all_of(capabilities.steps, is_step))
    return wrong("a step above 200 bytes, or one that is not a line of text");
  return Ok{};
}

std::string_view to_string(TokenState state) noexcept {
  switch (state) {
    case TokenState::valid: return "valid";
    case TokenState::invalid: return "invalid";
    case TokenState::unknown: return "unknown";
  }
  return "unknown";
}

std::string_view to_string(Phase phase) noexcept {
  switch (phase) {
    case Phase::idle: return "idle";
    case Phase::intent: return "intent";
    case Phase::issuing: return "issuing";
    case Phase::staged: return "staged";
    case Phase::verified: return "verified";
    case Phase::promoted: return "promoted";
    case Phase::retiring: return "retiring";
    case Phase::uncertain: return "uncertain";
    case Phase::done: return "done";
    case Phase::aborted: return "aborted";
  }
  return "unknown";
}

std::string_view to_string(DueReason reason) noexcept {
  switch (reason) {
    case DueReason::age: return "age";
    case DueReason::step: return "step";
    case DueReason::owed: return "owed";
    case DueReason::far_late: return "far_late";
  }
  return "unknown";
}

Result<RevokeAnswer> Provider::revoke(const ProviderRequest&) {
  return RevokeAnswer{Reply::refused, "this provider cannot revoke", std::nullopt};
}

Result<FindAnswer> Provider::find(const ProviderRequest&) {
  return FindAnswer{Reply::refused, {}, "this provider cannot find tokens"};
}

}  // namespace tokenvault
