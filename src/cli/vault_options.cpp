#include <array>

#include "options.hpp"

namespace tokenvault::cli {
namespace {

CLI::Option* add_format(CLI::App& app, Request& request, const char* type) {
  return app.add_option("--format", request.format, "the format")->type_name(type)->required();
}

void add_import(CLI::App& app, Request& request) {
  add_format(app, request, "json|dotenv|tsv|vault")->check(CLI::IsMember({"json", "dotenv", "tsv", "vault"}));
  auto* input = app.add_option_group("Input", "where the tokens come from");
  input->add_flag("--stdin", request.value.from_stdin, "read stdin");
  input->add_option("--from-file", request.value.from_file, "read this file")->type_name("FILE");
  input->require_option(1);
  app.add_option("--prefix", request.prefix, "put this before every name")->type_name("TEXT");
  auto* replace = app.add_flag("--replace", request.replace, "a name that exists gets a new version");
  app.add_flag("--skip", request.skip, "a name that exists is left alone")->excludes(replace);
  app.add_flag("--binary", request.value.binary, "allow control, space and non-ASCII bytes in values");
  app.add_option("--source-key-file", request.source_key_file,
                 "with --format vault: the key file of the vault that is read, if it is another")
      ->type_name("FILE");
}

void add_export(CLI::App& app, Request& request) {
  add_format(app, request, "json|dotenv|sh|docker-env|tsv|vault")
      ->check(CLI::IsMember({"json", "dotenv", "sh", "docker-env", "tsv", "vault"}));
  app.add_flag("--reveal", request.reveal, "write values in the clear; needed for all but `vault`");
  app.add_option("--prefix", request.prefix, "only names that begin so")->type_name("TEXT");
  app.add_option("--env", request.environment, "only this token, under this variable; may be repeated")
      ->type_name("VARIABLE=NAME")
      ->allow_extra_args(false);
  app.add_option("--output", request.output, "a new file, 0600, instead of stdout")->type_name("FILE");
  app.add_flag("--expired-ok", request.expired_ok, "include tokens that have expired");
}

void add_migrate(CLI::App& app, Request& request) {
  app.add_option("--from", request.from, "the vault that is there")->type_name("URI")->required();
  app.add_option("--to", request.to, "where it goes: a place without a vault")->type_name("URI")->required();
}

void add_backup(CLI::App& app, Request& request) {
  app.add_option("FILE", request.operand, "a new file, or env:VARIABLE to have it printed")
      ->type_name("")
      ->required();
}

void add_tried_keys(CLI::App& app, Request& request) {
  auto& tried = request.tried;
  const auto more = [&app](const char* flag, auto& target, const char* type, const char* text) {
    return app.add_option(flag, target, text)->type_name(type)->allow_extra_args(false);
  };
  more("--try-key-file", tried.key_files, "FILE", "open it with this key file too");
  more("--try-passphrase-fd", tried.passphrase_fds, "N", "and with this passphrase")->check(decimal);
  more("--try-identity-file", tried.identity_files, "FILE", "and with this private key");
  more("--try-recovery-file", tried.recovery_files, "FILE", "and with this recovery code");
  app.add_flag("--all", tried.all, "fail (12) unless every slot was opened");
}

void add_backup_verify(CLI::App& app, Request& request) {
  app.add_option("FILE", request.operand, "the backup")->type_name("")->required();
  add_tried_keys(app, request);
}

void add_restore(CLI::App& app, Request& request) {
  auto* file = app.add_option("FILE", request.operand, "the backup")->type_name("");
  app.add_flag("--accept-stale", request.accept_stale,
               "no backup: the vault in its place is an older copy, and is to be the newest again")
      ->excludes(file);
  app.add_flag("--replace", request.replace, "put the backup over a vault that is newer");
  add_carried_keys(app, request);
}

void add_doctor(CLI::App& app, Request& request) {
  app.add_flag("--names", request.names, "name tokens too: leave out of a bug report");
}

void add_completion(CLI::App& app, Request& request) {
  app.add_option("SHELL", request.operand, "the shell")
      ->type_name("bash|zsh|fish")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->required();
}

constexpr std::array kOptions{
    VerbOptions{"completion", add_completion},
    VerbOptions{"import", add_import},
    VerbOptions{"export", add_export},
    VerbOptions{"migrate", add_migrate},
    VerbOptions{"backup", add_backup},
    VerbOptions{"restore", add_restore},
    VerbOptions{"backup verify", add_backup_verify},
    VerbOptions{"doctor", add_doctor},
    VerbOptions{"key verify", add_tried_keys},
};

}  // namespace

std::span<const VerbOptions> vault_options() noexcept { return kOptions; }

}  // namespace tokenvault::cli
