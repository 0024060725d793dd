#include <array>

#include "options.hpp"

namespace tokenvault::cli {
namespace {

void add_expired_ok(CLI::App& app, Request& request) {
  app.add_flag("--expired-ok", request.expired_ok, "hand it out although it has expired");
}

void add_put(CLI::App& app, Request& request) {
  add_name(app, request);
  add_value(app, request);
  app.add_option("--if-version", request.if_version,
                 "only if this is the current version; 0: no such token yet")
      ->type_name("N")
      ->check(decimal);
  app.add_option("--expires", request.expires, "RFC 3339, a date, or a span: 90d, 12h, 30m, 45s, 2w")
      ->type_name("TIME");
  add_label(app, request);
}

void add_get(CLI::App& app, Request& request) {
  add_name(app, request);
  auto* number = add_number(app, request);
  app.add_flag("--previous", request.previous, "the version before the current one")->excludes(number);
  app.add_flag("--reveal", request.reveal, "show the value on a terminal, or within --json");
  add_expired_ok(app, request);
}

void add_list(CLI::App& app, Request& request) {
  app.add_option("PREFIX", request.operand, "only names that begin so")->type_name("");
}

void add_run(CLI::App& app, Request& request) {
  app.add_option("--env", request.environment, "put this token into this variable")
      ->type_name("VARIABLE=NAME")
      ->allow_extra_args(false);
  app.add_option("--file", request.files,
                 "put it into a file in memory, and the file's path into this variable")
      ->type_name("VARIABLE=NAME")
      ->allow_extra_args(false);
  app.add_option("--fd", request.descriptors, "put it onto this descriptor of the command, 3 or more")
      ->type_name("N=NAME")
      ->allow_extra_args(false);
  add_expired_ok(app, request);
}

void add_rollback(CLI::App& app, Request& request) {
  add_name(app, request);
  app.add_option("--to", request.version, "the version whose value comes back")
      ->type_name("N")
      ->required()
      ->check(decimal)
      ->check(CLI::PositiveNumber);
}

void add_destroy(CLI::App& app, Request& request) {
  add_name(app, request);
  app.add_flag("--yes", request.confirmed, "do not ask at the terminal");
}

void add_expiring(CLI::App& app, Request& request) {
  app.add_option("--within", request.within, "a span such as 14d, or a moment as RFC 3339")
      ->type_name("TIME")
      ->required();
}

constexpr std::array kOptions{
    VerbOptions{"put", add_put},           VerbOptions{"get", add_get},
    VerbOptions{"list", add_list},         VerbOptions{"show", add_name},
    VerbOptions{"history", add_name},      VerbOptions{"run", add_run},
    VerbOptions{"rollback", add_rollback}, VerbOptions{"rm", add_name},
    VerbOptions{"undelete", add_name},     VerbOptions{"destroy", add_destroy},
    VerbOptions{"expiring", add_expiring},
};

}  // namespace

std::span<const VerbOptions> token_options() noexcept { return kOptions; }

}  // namespace tokenvault::cli
