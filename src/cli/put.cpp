#include <fmt/format.h>

#include "change_report.hpp"
#include "time_text.hpp"
#include "try.hpp"
#include "value_input.hpp"
#include "verbs.hpp"

namespace tokenvault::cli {
namespace {

Result<PutOptions> options_of(const Session& session) {
  const auto& request = session.request;
  PutOptions options;
  options.label = request.label;
  options.if_version = request.if_version;
  if (!request.expires) return options;
  const auto now = system_clock().now();
  options.expires = parse_time(*request.expires, now);
  if (!options.expires)
    return Error(Errc::invalid_argument,
                 "--expires takes 2027-01-31T12:00:00Z, 2027-01-31, or a span such as 90d");
  if (*options.expires <= now) session.notice("--expires lies in the past: `get` will refuse this version");
  return options;
}

}  // namespace

Result<int> run_put(const Session& session) {
  const auto& name = session.request.operand;
  TV_CHECK(check_name(name));
  TV_TRY(const auto options, options_of(session));
  TV_TRY(auto vault, session.vault());
  TV_TRY(const auto value, read_value(session));
  TV_TRY(const auto number, vault.put(name, value, options));
  return report_version(session, vault, number,
                        fmt::format("stored {} version {} ({} bytes)", name, number, value.size()));
}

}  // namespace tokenvault::cli
