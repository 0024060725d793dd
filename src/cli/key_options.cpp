#include <array>

#include "options.hpp"

namespace tokenvault::cli {
namespace {

void add_kdf(CLI::App& app, Request& request) {
  app.add_option("--kdf-memory", request.kdf_memory_mib, "memory of a passphrase slot, 64 to 1024 (256)")
      ->type_name("MiB")
      ->check(decimal)
      ->check(CLI::Range(64, 1024));
  app.add_option("--kdf-passes", request.kdf_passes, "passes of a passphrase slot, 3 to 16 (3)")
      ->type_name("N")
      ->check(decimal)
      ->check(CLI::Range(3, 16));
}

void add_recovery_file(CLI::App& app, Request& request) {
  app.add_option("--recovery-file", request.recovery_file, "write the new recovery code here, 0600")
      ->type_name("FILE");
}

void add_init(CLI::App& app, Request& request) {
  add_recovery_file(app, request);
  add_kdf(app, request);
}

void add_key_add(CLI::App& app, Request& request) {
  auto& flags = request.new_key;
  app.add_option("--new-key-file", flags.key_file, "a key file, made if it is not there")->type_name("FILE");
  app.add_flag("--new-passphrase", flags.passphrase, "a passphrase, asked for at the terminal");
  app.add_option("--new-passphrase-fd", flags.passphrase_fd, "a passphrase from this descriptor")
      ->type_name("N")
      ->check(decimal);
  app.add_option("--recipient", flags.recipient, "an X25519 public key, or a file that holds it")
      ->type_name("HEX|FILE");
  app.add_option("--new-identity-file", flags.identity_file, "make a key pair, its private half here")
      ->type_name("FILE");
  app.add_flag("--recovery", flags.recovery, "a recovery code, shown at the terminal");
  add_recovery_file(app, request);
  add_label(app, request);
  add_kdf(app, request);
}

void add_key_remove(CLI::App& app, Request& request) {
  app.add_option("SLOT", request.operand, "its id, as `key list` shows it")->type_name("")->required();
  app.add_flag("--rotate", request.rotate, "change the master key with it");
  add_carried_keys(app, request);
}

void add_unlock(CLI::App& app, Request& request) {
  auto& keep = request.keep;
  app.add_option("--for", keep.span, "how long, 1m to 7d (8h)")->type_name("SPAN");
  auto* user =
      app.add_flag("--user", keep.user, "for every session of this user, which is what happens by itself");
  app.add_flag("--session", keep.session, "for this login session alone")->excludes(user);
}

void add_lock(CLI::App& app, Request& request) {
  app.add_flag("--all", request.keep.all, "every vault that this user has unlocked, wherever it is");
}

constexpr std::array kOptions{
    VerbOptions{"unlock", add_unlock},
    VerbOptions{"lock", add_lock},
    VerbOptions{"init", add_init},
    VerbOptions{"key add", add_key_add},
    VerbOptions{"key remove", add_key_remove},
    VerbOptions{"key rotate", add_carried_keys},
};

}  // namespace

std::span<const VerbOptions> key_options() noexcept { return kOptions; }

}  // namespace tokenvault::cli
