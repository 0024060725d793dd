#include "options.hpp"

#include <CLI/CLI.hpp>

namespace tokenvault::orgapi {

Result<Options> parse_options(int count, char** arguments) {
  Options options;
  CLI::App app{"The reference API service: makes tokens for an organisation and serves what they protect.",
               "orgapi"};
  app.require_subcommand(1);
  auto* init = app.add_subcommand("init", "make the folder of a service; prints the admin password, once");
  init->add_option("DIR", options.folder, "the folder, absent or empty")->required()->type_name("");
  init->add_option("--org", options.org, "the organisation that the tokens are for")->type_name("NAME");
  init->add_option("--prefix", options.prefix, "how its tokens begin")->type_name("WORD");
  auto* password = app.add_subcommand("password", "set another admin password; prints it, once");
  password->add_option("DIR", options.folder, "what init made")->required()->type_name("");
  for (auto* verb : {init, password})
    verb->add_option("--password-fd", options.password_fd, "read the admin password from this descriptor")
        ->type_name("N")
        ->check(CLI::Range(0, 1024));
  auto* serve = app.add_subcommand("serve", "serve on 127.0.0.1 until SIGTERM or SIGINT");
  serve->add_option("DIR", options.folder, "what init made")->required()->type_name("");
  serve->add_option("--port", options.port, "0 takes a free one")->type_name("N")->capture_default_str();
  serve
      ->add_option("--timeout", options.timeout,
                   "seconds a client may be silent; three times that for a request")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  serve
      ->add_option("--refusals", options.refusals,
                   "refused tokens a minute, of one peer, before further get 429")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  try {
    app.parse(count, arguments);
  } catch (const CLI::CallForHelp&) {
    for (const auto* verb : {init, password, serve})
      if (verb->parsed()) options.help = verb->help();
    if (options.help.empty()) options.help = app.help("", CLI::AppFormatMode::All);
    return options;
  } catch (const CLI::ParseError&) {
    return Error(Errc::invalid_argument, "the arguments make no sense; see orgapi --help");
  }
  options.verb = init->parsed()       ? Options::Verb::init
                 : password->parsed() ? Options::Verb::password
                                      : Options::Verb::serve;
  return options;
}

}  // namespace tokenvault::orgapi
