#include <array>

#include "../options.hpp"

namespace tokenvault::cli {
namespace {

void add_output(CLI::App& app, Request& request) {
  app.add_flag("--expired-ok", request.expired_ok, "hand it out although it has expired");
  app.add_flag("--reveal", request.reveal, "also to a terminal");
}

void add_name_option(CLI::App& app, Request& request) {
  app.add_option("--name", request.helper.name, "the token")->type_name("NAME")->required();
  add_output(app, request);
}

void add_action(CLI::App& app, Request& request, const char* text) {
  app.add_option("ACTION", request.operand, text)->type_name("")->required();
  auto& flags = request.helper;
  auto* name = app.add_option("--name", flags.name, "this token for every https:// server that is asked for")
                   ->type_name("NAME");
  auto* targets = app.add_option("--for", flags.targets,
                                 "this token for these servers: [http[s]://]HOST[:PORT][/PATH]=NAME")
                      ->type_name("WHERE=NAME")
                      ->allow_extra_args(false)
                      ->excludes(name);
  app.add_option("--user", flags.user, "the user's name beside it")->type_name("USER");
  app.add_option("--map", flags.map, "a file of lines `git|docker WHERE NAME [USER]`")
      ->type_name("FILE")
      ->excludes(name)
      ->excludes(targets);
  add_output(app, request);
}

void add_git(CLI::App& app, Request& request) {
  add_action(app, request, "get or erase; anything else is ignored");
}

void add_docker(CLI::App& app, Request& request) {
  add_action(app, request, "get, store, erase, list or version");
}

void add_aws(CLI::App& app, Request& request) {
  add_name_option(app, request);
  app.add_option("--access-key-id", request.helper.access_key_id,
                 "the id of the key, where the token is the secret key alone and not JSON of both")
      ->type_name("ID");
}

void add_curl(CLI::App& app, Request& request) {
  add_name_option(app, request);
  auto& flags = request.helper;
  app.add_option("--format", request.format, "header (for -H @-), config (for -K -) or netrc")
      ->type_name("header|config|netrc")
      ->check(CLI::IsMember({"header", "config", "netrc"}));
  app.add_option("--header", flags.header, "the header, in place of `Authorization: Bearer`")
      ->type_name("HEADER");
  app.add_option("--host", flags.host, "netrc: the machine")->type_name("HOST");
  app.add_option("--user", flags.user, "netrc: the login")->type_name("USER");
}

constexpr std::array kOptions{
    VerbOptions{"helper git", add_git},   VerbOptions{"helper docker", add_docker},
    VerbOptions{"helper aws", add_aws},   VerbOptions{"helper kubectl", add_name_option},
    VerbOptions{"helper curl", add_curl},
};

}  // namespace

std::span<const VerbOptions> helper_options() noexcept { return kOptions; }

}  // namespace tokenvault::cli
