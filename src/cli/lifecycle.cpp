// What happens to a token after it was put: back to an older value, away, back again, gone for good.
#include <fmt/format.h>
#include <unistd.h>

#include "change_report.hpp"
#include "json.hpp"
#include "output.hpp"
#include "prompt.hpp"
#include "time_text.hpp"
#include "try.hpp"
#include "verbs.hpp"

namespace tokenvault::cli {
namespace {

constexpr int kDue = 17;

Result<int> change(const Session& session, Status (Vault::*act)(std::string_view), std::string_view event,
                   std::string_view text) {
  const auto& name = session.request.operand;
  TV_CHECK(check_name(name));
  TV_TRY(auto vault, session.vault());
  TV_CHECK((vault.*act)(name));
  return report_change(session, vault, event, fmt::format("{} {}", name, text));
}

/// Only a person is asked: a script that says `destroy` means it.
Status confirm_destroy(const Session& session) {
  if (session.request.confirmed || !session.attended()) return Ok{};
  TV_TRY(const auto terminal, Terminal::open(true));
  TV_TRY(const bool yes,
         terminal.confirm(
             fmt::format("destroy every version of {} for good? [y/N] ", session.request.operand), false));
  if (!yes) return Error(Errc::refused, "nothing was destroyed");
  return Ok{};
}

std::string due_table(const std::vector<TokenInfo>& tokens) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& token : tokens) rows.push_back({to_rfc3339(*token.expires), token.name});
  return table(rows);
}

}  // namespace

Result<int> run_rollback(const Session& session) {
  const auto& name = session.request.operand;
  TV_CHECK(check_name(name));
  TV_TRY(auto vault, session.vault());
  TV_TRY(const auto number, vault.rollback(name, *session.request.version));
  return report_version(
      session, vault, number,
      fmt::format("stored {} version {}, the value of version {}", name, number, *session.request.version));
}

Result<int> run_rm(const Session& session) {
  return change(session, &Vault::erase, "removed",
                "is removed: `tokenvault undelete` brings it back, `tokenvault destroy` ends it");
}

Result<int> run_undelete(const Session& session) {
  return change(session, &Vault::undelete, "undeleted", "is back");
}

Result<int> run_destroy(const Session& session) {
  TV_CHECK(check_name(session.request.operand));
  TV_CHECK(confirm_destroy(session));
  return change(session, &Vault::destroy, "destroyed", "is destroyed, and its versions with it");
}

Result<int> run_expiring(const Session& session) {
  const auto until = parse_time(*session.request.within, system_clock().now());
  if (!until)
    return Error(Errc::invalid_argument,
                 "--within takes a span such as 14d, a date, or 2027-01-31T12:00:00Z");
  TV_TRY(const auto vault, session.vault());
  TV_TRY(const auto due, vault.expiring(*until));
  TV_CHECK(print(session.request.json ? json_list(due) : due_table(due)));
  if (due.empty()) return 0;
  if (!session.request.json) session.notice(fmt::format("{} expire by {}", due.size(), to_rfc3339(*until)));
  return kDue;
}

}  // namespace tokenvault::cli
