#include <fmt/format.h>

#include <algorithm>

#include "../output.hpp"
#include "../try.hpp"
#include "../verbs.hpp"
#include "due_outcome.hpp"
#include "provider.hpp"
#include "rotation_json.hpp"
#include "rotation_text.hpp"
#include "step.hpp"

namespace tokenvault::cli {
namespace {

constexpr int kPartly = 3;
constexpr int kSomethingDue = 17;
using Kind = DueOutcome::Kind;

/// What a failed call leaves: the token's own state says more than the error.
Kind judge(const Rotator& rotator, const Error& error) {
  const auto rotation = rotator.status();
  if (error.code() == Errc::needs_human || (rotation && (rotation->asks || is_stuck(*rotation))))
    return Kind::needs_human;
  switch (error.code()) {
    case Errc::unreachable:
    case Errc::unavailable:
    case Errc::rejected: return Kind::waits;
    default: return Kind::failed;
  }
}

/// A provider that cannot end an old token leaves that to a person.
Kind judge(const RotationInfo& rotation) {
  const bool owes = std::ranges::any_of(rotation.obligations, &Obligation::ours);
  return owes && !rotation.open() ? Kind::needs_human : Kind::done;
}

/// Only age begins a rotation: whatever else is due is gone on with.
DueOutcome settle(const Session& session, Vault& vault, Provider& provider, const DueToken& due) {
  Rotator rotator(vault, due.name, provider, options_of(session));
  const bool begins = due.reason == DueReason::age || due.reason == DueReason::far_late;
  const auto rotation = begins ? rotator.rotate() : rotator.resume();
  if (rotation) return {due, judge(*rotation), line_of(*rotation)};
  return {due, judge(rotator, rotation.error()), one_line(rotation.error().message())};
}

DueOutcome attempt(const Session& session, Vault& vault, const DueToken& due) {
  const auto& step = session.request.step;
  if (due.reason == DueReason::far_late && !step.include_late)
    return {due, step.dry_run ? Kind::due : Kind::waits,
            "due by so much that the clock is the likelier fault: look at it, then say --include-late"};
  if (step.dry_run) return {due, Kind::due, fmt::format("for {}", to_string(due.reason))};
  const auto token = vault.info(due.name);
  if (!token) return {due, Kind::failed, one_line(token.error().message())};
  const auto provider = provider_of(*token);
  if (!provider) return {due, Kind::failed, one_line(provider.error().message())};
  return settle(session, vault, **provider, due);
}

std::string lines_of(const std::vector<DueOutcome>& outcomes) {
  std::string lines;
  for (const auto& outcome : outcomes)
    lines += fmt::format("{}\t{}\t{}\n", outcome.due.name, to_string(outcome.result), outcome.note);
  return lines;
}

Result<int> verdict(const Session& session, const std::vector<DueOutcome>& outcomes) {
  const auto done = std::ranges::count(outcomes, Kind::done, &DueOutcome::result);
  const auto left = static_cast<std::ptrdiff_t>(outcomes.size()) - done;
  if (left == 0) return 0;
  const bool dry = session.request.step.dry_run;
  if (!session.request.json)
    session.notice(dry ? fmt::format("due: {}", left)
                       : fmt::format("not done: {} of {}", left, outcomes.size()));
  return dry ? kSomethingDue : kPartly;
}

}  // namespace

std::string_view to_string(DueOutcome::Kind kind) noexcept {
  switch (kind) {
    case Kind::done: return "done";
    case Kind::waits: return "waits";
    case Kind::needs_human: return "needs_human";
    case Kind::failed: return "failed";
    case Kind::due: return "due";
  }
  return "unknown";
}

/// One token after another: a provider that fails takes none of the others with it.
Result<int> run_rotate_due(const Session& session) {
  TV_TRY(auto vault, session.vault());
  TV_TRY(const auto tokens, due(vault));
  std::vector<DueOutcome> outcomes;
  for (const auto& token : tokens) outcomes.push_back(attempt(session, vault, token));
  session.warn_of_anchor(vault);
  TV_CHECK(print(session.request.json ? json_due(outcomes) : lines_of(outcomes)));
  return verdict(session, outcomes);
}

}  // namespace tokenvault::cli
