#include "options.hpp"

#include <algorithm>

namespace tokenvault::cli {
namespace {

constexpr std::string_view kNumber = "N";

void add_sources(CLI::App& app, UnlockFlags& unlock) {
  const auto source = [&app](const char* flag, auto& target, const std::string& type, const char* text) {
    auto* option = app.add_option(flag, target, text)->type_name(type)->group("Unlock");
    if (type == kNumber) option->check(decimal);
  };
  source("--key-file", unlock.key_file, "FILE", "a key file of 32 bytes");
  source("--key-fd", unlock.key_fd, "N", "the 32 bytes of a key from this descriptor");
  source("--passphrase-fd", unlock.passphrase_fd, "N",
         "a passphrase from this descriptor; one line end is stripped");
  source("--passphrase-file", unlock.passphrase_file, "FILE", "a passphrase from this file, likewise");
  source("--passphrase-command", unlock.passphrase_command, "COMMAND",
         "a passphrase from what /bin/sh -c prints");
  app.add_flag("--passphrase", unlock.passphrase, "ask for the passphrase at the terminal")->group("Unlock");
  source("--identity-file", unlock.identity_file, "FILE", "the private key of a recipient slot");
  source("--unlock-recovery-file", unlock.recovery_file, "FILE", "the recovery code from this file");
  app.add_flag("--unlock-recovery", unlock.recovery, "ask for the recovery code at the terminal")
      ->group("Unlock");
}

void add_etcd(CLI::App& app, EtcdFlags& etcd) {
  const auto way = [&app](const char* flag, auto& target, const char* type, const char* text) {
    app.add_option(flag, target, text)->type_name(type)->group("A vault in etcd");
  };
  way("--etcd-ca-file", etcd.ca_file, "FILE", "the certificates of who vouches for the servers");
  way("--etcd-cert-file", etcd.cert_file, "FILE", "the certificate to show them");
  way("--etcd-key-file", etcd.key_file, "FILE", "the private key of that certificate");
  way("--etcd-user", etcd.user, "USER", "the user of etcd's to log in as");
  way("--etcd-password-file", etcd.password_file, "FILE", "that user's password; one line end is stripped");
}

}  // namespace

void add_global_options(CLI::App& app, Request& request) {
  app.add_option("--vault", request.vault,
                 "the vault: sqlite:PATH, a bare path (the same), file:PATH, env:VARIABLE, "
                 "env-plain:NAME=VARIABLE,... or etcd:http[s]://HOST:PORT,.../PREFIX")
      ->type_name("URI")
      ->group("Global");
  add_sources(app, request.unlock);
  add_etcd(app, request.etcd);
  app.add_flag("--json", request.json, "one JSON document on stdout, failures as one JSON line")
      ->group("Global");
  app.add_flag("--quiet", request.quiet, "leave out notices, not errors")->group("Global");
  app.add_flag("--no-input", request.no_input, "never ask at the terminal")->group("Global");
}

void add_verb_options(CLI::App& app, Request& request) {
  for (const auto table :
       {token_options(), key_options(), vault_options(), rotation_options(), helper_options()}) {
    const auto found = std::ranges::find(table, request.verb, &VerbOptions::words);
    if (found != table.end()) return found->add(app, request);
  }
}

void add_name(CLI::App& app, Request& request) {
  app.add_option("NAME", request.operand, "org/service or org/service/environment")
      ->type_name("")
      ->required();
}

void add_value(CLI::App& app, Request& request) {
  auto& value = request.value;
  auto* input = app.add_option_group("Value", "the value (default: hidden prompt)");
  input->add_flag("--stdin", value.from_stdin, "read it from stdin; one line end is stripped");
  input->add_option("--from-file", value.from_file, "read it from this file as it is")->type_name("FILE");
  input->add_option("--from-fd", value.from_fd, "read it from this descriptor as it is")
      ->type_name("N")
      ->check(decimal);
  input->require_option(0, 1);
  app.add_flag("--binary", value.binary, "allow control, space and non-ASCII bytes");
}

void add_label(CLI::App& app, Request& request) {
  app.add_option("--label", request.label, "a remark of up to 255 bytes")->type_name("TEXT");
}

void add_carried_keys(CLI::App& app, Request& request) {
  auto& flags = request.rotation;
  app.add_option("--keep-key-file", flags.keep_key_files, "a key file that goes on opening the vault")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option("--keep-passphrase-fd", flags.keep_passphrase_fds, "the same for a passphrase")
      ->type_name("N")
      ->allow_extra_args(false)
      ->check(decimal);
  app.add_option("--drop", flags.drop, "a slot that ends here")->type_name("SLOT")->allow_extra_args(false);
}

CLI::Option* add_number(CLI::App& app, Request& request) {
  return app.add_option("--version", request.version, "this version")
      ->type_name("N")
      ->check(decimal)
      ->check(CLI::PositiveNumber);
}

std::string decimal(const std::string& text) {
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  return digits && (text == "0" || text[0] != '0') ? std::string() : "not a number";
}

}  // namespace tokenvault::cli
