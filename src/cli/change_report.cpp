#include "change_report.hpp"

#include "json.hpp"
#include "output.hpp"
#include "try.hpp"

namespace tokenvault::cli {

Result<int> report_change(const Session& session, const Vault& vault, std::string_view event,
                          std::string_view text) {
  session.warn_of_anchor(vault);
  if (session.request.json) {
    TV_CHECK(print(json_event(event, session.request.operand)));
  } else {
    session.notice(text);
  }
  return 0;
}

Result<int> report_version(const Session& session, const Vault& vault, std::uint32_t number,
                           std::string_view text) {
  session.warn_of_anchor(vault);
  if (!session.request.json) {
    session.notice(text);
    return 0;
  }
  TV_TRY(const auto token, vault.info(session.request.operand));
  for (const auto& version : token.versions)
    if (version.number == number) TV_CHECK(print(json_version(token.name, version)));
  return 0;
}

}  // namespace tokenvault::cli
