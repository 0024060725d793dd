#include <array>

#include "../options.hpp"

namespace tokenvault::cli {
namespace {

CLI::Option* add_dry_run(CLI::App& app, Request& request) {
  return app.add_flag("--dry-run", request.step.dry_run,
                      "say what would be done next; ask nobody, change nothing");
}

void add_unverified(CLI::App& app, Request& request) {
  app.add_flag("--unverified", request.step.unverified,
               "on your word that the new token is good, where the provider does not say so; noted");
}

void add_rotate(CLI::App& app, Request& request) {
  add_name(app, request);
  add_value(app, request);
  add_unverified(app, request);
  add_dry_run(app, request);
}

void add_stage(CLI::App& app, Request& request) {
  add_name(app, request);
  add_value(app, request);
}

void add_promote(CLI::App& app, Request& request) {
  add_name(app, request);
  add_unverified(app, request);
}

void add_retire(CLI::App& app, Request& request) {
  add_name(app, request);
  app.add_flag("--theirs", request.step.theirs, "revoke old tokens too that no rotation made");
}

void add_abort(CLI::App& app, Request& request) {
  add_name(app, request);
  app.add_flag("--force", request.step.force, "although the provider takes only the new token");
}

void add_resume(CLI::App& app, Request& request) {
  add_name(app, request);
  auto* discard = app.add_flag("--discard", request.step.discard,
                               "you looked: the provider made no token that is not here");
  add_dry_run(app, request)->excludes(discard);
}

void add_waive(CLI::App& app, Request& request) {
  add_name(app, request);
  auto* what = app.add_option_group("Old token", "which of them");
  add_number(*what, request);
  what->add_option("--rotation", request.step.id, "the one that we never got, of this rotation")
      ->type_name("ID");
  what->require_option(1);
}

void add_status(CLI::App& app, Request& request) {
  app.add_option("NAME", request.operand, "this token alone; without it all that are open or owe something")
      ->type_name("");
}

void add_due(CLI::App& app, Request& request) {
  add_dry_run(app, request);
  app.add_flag("--include-late", request.step.include_late,
               "also what is due by so much that the clock is the likelier fault");
}

void add_probe(CLI::App& app, Request& request) {
  add_name(app, request);
  auto* which = app.add_option_group("Version", "which version (default: the current one)");
  add_number(*which, request);
  which->add_flag("--previous", request.previous, "the version before the current one");
  which->require_option(0, 1);
}

void add_policy(CLI::App& app, Request& request) {
  add_name(app, request);
  auto& policy = request.policy;
  auto* change = app.add_option_group("Change", "what is given is replaced, the rest stays");
  const auto option = [change](const char* flag, auto& target, const char* type, const char* text) {
    return change->add_option(flag, target, text)->type_name(type);
  };
  option("--provider", policy.provider, "P", "who issues it: human, exec:/PATH, recipe:WORD or recipe:/PATH");
  option("--rotate-after", policy.rotate_after, "SPAN",
         "the age at which it is due: 90d; 0s: only when asked");
  option("--grace", policy.grace, "SPAN", "how long the old token stays good beside the new one: 1h");
  option("--lifetime", policy.lifetime, "SPAN",
         "what a new token is asked to live; 0s: as the provider likes");
  option("--timeout", policy.timeout, "SPAN", "for one call to the provider: 1s to 1h");
  option("--owner", policy.owner, "TEXT",
         "whom a new token has to belong to; empty: whoever the old one did");
  option("--set", policy.settings, "K=V", "a setting for the provider, no secret; K= takes it away")
      ->allow_extra_args(false);
  option("--secret", policy.secrets, "WORD=NAME",
         "a further token that the provider needs; WORD= takes it away")
      ->allow_extra_args(false);
  auto* none = app.add_flag("--none", policy.none, "it has no policy any more");
  for (auto* each : change->get_options()) none->excludes(each);
}

constexpr std::array kOptions{
    VerbOptions{"rotate", add_rotate},          VerbOptions{"rotate start", add_name},
    VerbOptions{"rotate stage", add_stage},     VerbOptions{"rotate verify", add_name},
    VerbOptions{"rotate promote", add_promote}, VerbOptions{"rotate retire", add_retire},
    VerbOptions{"rotate abort", add_abort},     VerbOptions{"rotate resume", add_resume},
    VerbOptions{"rotate waive", add_waive},     VerbOptions{"rotate status", add_status},
    VerbOptions{"rotate due", add_due},         VerbOptions{"probe", add_probe},
    VerbOptions{"policy", add_policy},
};

}  // namespace

std::span<const VerbOptions> rotation_options() noexcept { return kOptions; }

}  // namespace tokenvault::cli
