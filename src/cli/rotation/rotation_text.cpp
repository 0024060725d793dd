#include "rotation_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "../output.hpp"
#include "../time_text.hpp"

namespace tokenvault::cli {
namespace {

constexpr std::size_t kLongest = 800;
/// Some hours of waiting longer each time.
constexpr std::uint32_t kManyAttempts = 10;

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::string owed_text(const RotationInfo& rotation) {
  if (rotation.obligations.empty()) return {};
  std::string text = ", may still be good:";
  for (const auto& owed : rotation.obligations)
    text += owed.version != 0 ? fmt::format(" version {},", owed.version)
                              : fmt::format(" one never received (rotation {}),", one_line(owed.id));
  text.pop_back();
  return text;
}

/// For whom or what a rotation waits.
std::string waits_text(const RotationInfo& rotation) {
  if (rotation.asks) return ", needs a person";
  if (!rotation.next_try) return {};
  const auto* whom = rotation.phase == Phase::promoted ? "the end of the grace" : "the provider";
  const auto text = fmt::format(", waits for {} until {}", whom, to_rfc3339(*rotation.next_try));
  if (!is_stuck(rotation)) return text;
  return fmt::format("{}, came to nothing {} times in a row", text, rotation.attempts);
}

/// What a person can always do about an old token.
std::string waive_step(const RotationInfo& rotation) {
  const auto& owed = rotation.obligations.front();
  const auto which = owed.version != 0 ? fmt::format("--version {}", owed.version)
                                       : fmt::format("--rotation {}", one_line(owed.id));
  return fmt::format("else end it there, then `tokenvault rotate waive {} {}`", rotation.name, which);
}

/// What is left when a rotation is over is left because the provider does not end it, or was not asked yet.
std::string owed_step(const RotationInfo& rotation) {
  const auto& name = rotation.name;
  if (rotation.obligations.empty()) return fmt::format("nothing; `tokenvault rotate {}` begins one", name);
  return fmt::format("`tokenvault rotate {} {}` ends what the provider can end; {}",
                     rotation.obligations.front().ours ? "retire" : "retire --theirs", name,
                     waive_step(rotation));
}

}  // namespace

std::string one_line(std::string_view text) {
  text = text.substr(0, text.find_first_of("\r\n"));
  auto end = std::min(text.size(), kLongest);
  if (end < text.size())
    while (end > 0 && continues(text[end])) --end;
  auto line = printable(text.substr(0, end));
  for (auto& c : line)
    if (c == '\t') c = ' ';
  return line;
}

bool is_stuck(const RotationInfo& rotation) noexcept { return rotation.attempts >= kManyAttempts; }

std::string next_step(const RotationInfo& rotation) {
  const auto note = one_line(rotation.note);
  if (rotation.asks && !note.empty()) return note;
  switch (rotation.phase) {
    case Phase::idle:
    case Phase::done:
    case Phase::aborted: return owed_step(rotation);
    case Phase::intent: return "get a new token from the provider";
    case Phase::issuing: return "find out whether whoever asks the provider is still there";
    case Phase::staged:
      return fmt::format("have the provider check the new token, version {}", rotation.new_version);
    case Phase::verified: return fmt::format("make version {} the current one", rotation.new_version);
    case Phase::promoted: return fmt::format("end the old token, version {}", rotation.old_version);
    case Phase::retiring: return "revoke the old token";
    case Phase::uncertain: return "have the provider say which tokens are good";
  }
  return {};
}

std::string line_of(const RotationInfo& rotation) {
  auto line = fmt::format("{}: {}{}{}; next: {}", rotation.name, to_string(rotation.phase),
                          waits_text(rotation), owed_text(rotation), next_step(rotation));
  if (rotation.open() && !rotation.asks && rotation.phase != Phase::promoted)
    line += fmt::format(": `tokenvault rotate resume {}`", rotation.name);
  if (rotation.phase == Phase::retiring && !rotation.obligations.empty()) line += "; " + waive_step(rotation);
  if (!rotation.asks && !rotation.note.empty()) line += fmt::format(" ({})", one_line(rotation.note));
  return printable(line);
}

RotationCounts count(const std::vector<RotationInfo>& rotations) noexcept {
  RotationCounts counts;
  for (const auto& rotation : rotations) {
    counts.open += rotation.open() ? 1 : 0;
    counts.asking += rotation.asks ? 1 : 0;
    counts.owed += rotation.obligations.size();
  }
  return counts;
}

std::string to_text(const RotationCounts& counts) {
  if (counts.open == 0 && counts.asking == 0 && counts.owed == 0) return "none open, nothing owed";
  return fmt::format(
      "{} open, {} need a person, {} old tokens may still be good: see `tokenvault rotate status`",
      counts.open, counts.asking, counts.owed);
}

}  // namespace tokenvault::cli
