#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "failure.hpp"
#include "json.hpp"
#include "output.hpp"
#include "recovery.hpp"
#include "try.hpp"
#include "unlock.hpp"
#include "verbs.hpp"

namespace tokenvault::cli {
namespace {

struct Added {
  SlotId slot{};
  std::optional<PublicKey> public_key;
};

std::string_view label_of(const Session& session) {
  return session.request.label ? std::string_view(*session.request.label) : std::string_view();
}

KdfCost cost_of(const Request& request) { return {request.kdf_passes, request.kdf_memory_mib * 1024}; }

int count(const NewKeyFlags& flags) {
  return int{flags.key_file.has_value()} + int{flags.passphrase} + int{flags.passphrase_fd.has_value()} +
         int{flags.recipient.has_value()} + int{flags.identity_file.has_value()} + int{flags.recovery};
}

Result<Added> add_source(Vault& vault, const UnlockSource& source, const Session& session) {
  TV_TRY(const auto key, read_key(source, session.settings, cost_of(session.request), true));
  TV_TRY(const auto slot, vault.add_key(key, label_of(session)));
  return Added{slot, {}};
}

/// A key file that we made and that opens nothing is taken away again, unless it may open the vault.
Result<Added> add_key_file(Vault& vault, const std::string& path, const Session& session) {
  const bool fresh = !is_there(path);
  if (fresh) TV_CHECK(make_key_file(path));
  auto added = add_source(vault, {UnlockSource::Kind::key_file, {}, path}, session);
  if (!added && fresh && added.error().code() != Errc::in_doubt) ::unlink(path.c_str());
  return added;
}

Result<std::string> read_line(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file && errno == ENOENT)
    return Error(Errc::invalid_argument,
                 "--recipient takes 64 hexadecimal digits, or a file that holds them");
  if (!file) return system_error("open the recipient's file");
  char text[256];
  const auto got = ::read(file.get(), text, sizeof text);
  if (got < 0) return system_error("read the recipient's file");
  const std::string_view all(text, static_cast<std::size_t>(got));
  return std::string(all.substr(0, all.find_last_not_of(" \t\r\n") + 1));
}

Result<PublicKey> recipient_of(const std::string& text) {
  PublicKey key{};
  if (unhex(text, key)) return key;
  TV_TRY(const auto line, read_line(text));
  if (!unhex(line, key))
    return Error(Errc::invalid_argument, "the recipient's file does not hold 64 hexadecimal digits");
  return key;
}

Result<Added> add_identity(Vault& vault, const std::string& path, const Session& session) {
  TV_TRY(auto file, NewFile::make(path));
  TV_TRY(const auto pair, make_key_pair());
  // The private half is durable before the vault counts on it.
  TV_CHECK(file.keep(pair.private_key, false));
  auto slot = vault.add_recipient(pair.public_key, label_of(session));
  if (!slot && slot.error().code() != Errc::in_doubt) ::unlink(path.c_str());
  if (!slot) return std::move(slot).error();
  return Added{*slot, pair.public_key};
}

Result<Added> add_recovery_slot(Vault& vault, const Session& session) {
  std::optional<NewFile> file;
  if (session.request.recovery_file) {
    TV_TRY(file, NewFile::make(*session.request.recovery_file));
  }
  TV_TRY(const auto slot, add_recovery(vault, file, session.request.label.value_or("recovery"), session));
  return Added{slot, {}};
}

Result<Added> add(Vault& vault, const std::optional<PublicKey>& recipient, const Session& session) {
  using Kind = UnlockSource::Kind;
  const auto& flags = session.request.new_key;
  if (flags.key_file) return add_key_file(vault, *flags.key_file, session);
  if (flags.passphrase) return add_source(vault, {Kind::passphrase_prompt, {}, {}}, session);
  if (flags.passphrase_fd)
    return add_source(vault, {Kind::passphrase_fd, {}, {}, *flags.passphrase_fd}, session);
  if (flags.identity_file) return add_identity(vault, *flags.identity_file, session);
  if (flags.recovery) return add_recovery_slot(vault, session);
  TV_TRY(const auto slot, vault.add_recipient(*recipient, label_of(session)));
  return Added{slot, recipient};
}

Status check_flags(const Request& request) {
  if (count(request.new_key) != 1)
    return Error(Errc::invalid_argument,
                 "`key add` takes exactly one of --new-key-file, --new-passphrase, "
                 "--new-passphrase-fd, --recipient, --new-identity-file and --recovery");
  if (request.recovery_file && !request.new_key.recovery)
    return Error(Errc::invalid_argument, "--recovery-file goes with --recovery");
  return Ok{};
}

}  // namespace

Result<int> run_key_add(const Session& session) {
  TV_CHECK(check_flags(session.request));
  std::optional<PublicKey> recipient;
  if (session.request.new_key.recipient) {
    TV_TRY(recipient, recipient_of(*session.request.new_key.recipient));
  }
  TV_TRY(auto vault, session.vault());
  TV_TRY(const auto added, add(vault, recipient, session));
  session.warn_of_anchor(vault);
  if (session.request.json) {
    TV_CHECK(print(json_slot("added", added.slot, added.public_key)));
    return 0;
  }
  TV_CHECK(print(hex(added.slot) + '\n'));
  if (added.public_key) session.notice("public key " + hex(*added.public_key));
  return 0;
}

}  // namespace tokenvault::cli
