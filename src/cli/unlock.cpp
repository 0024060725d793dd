#include "unlock.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include "prompt.hpp"
#include "secret_input.hpp"
#include "try.hpp"

namespace tokenvault::cli {
namespace {

using Kind = UnlockSource::Kind;

constexpr std::string_view kKeyFile = "--key-file";
constexpr std::string_view kKeyFd = "--key-fd";
constexpr std::string_view kEnvironmentFile = "TOKENVAULT_KEY_FILE";
constexpr std::string_view kCredential = "$CREDENTIALS_DIRECTORY/tokenvault.key";
constexpr std::string_view kPassphraseFd = "--passphrase-fd";
constexpr std::string_view kPassphraseFile = "--passphrase-file";
constexpr std::string_view kPassphraseCommand = "--passphrase-command";
constexpr std::string_view kPassphrase = "--passphrase";
constexpr std::string_view kIdentity = "--identity-file";
constexpr std::string_view kRecoveryFile = "--unlock-recovery-file";
constexpr std::string_view kRecovery = "--unlock-recovery";
constexpr std::string_view kKernelKeyring = "kernel keyring";
constexpr std::string_view kDefaultFile = "default key file";
constexpr std::string_view kPrompt = "terminal prompt";

std::optional<UnlockSource> from_flags(const UnlockFlags& flags) {
  if (flags.key_file) return UnlockSource{Kind::key_file, kKeyFile, *flags.key_file};
  if (flags.key_fd) return UnlockSource{Kind::key_fd, kKeyFd, {}, *flags.key_fd};
  if (flags.passphrase_fd) return UnlockSource{Kind::passphrase_fd, kPassphraseFd, {}, *flags.passphrase_fd};
  if (flags.passphrase_file)
    return UnlockSource{Kind::passphrase_file, kPassphraseFile, *flags.passphrase_file};
  if (flags.passphrase_command)
    return UnlockSource{Kind::passphrase_command, kPassphraseCommand, *flags.passphrase_command};
  if (flags.passphrase) return UnlockSource{Kind::passphrase_prompt, kPassphrase, {}};
  if (flags.identity_file) return UnlockSource{Kind::identity_file, kIdentity, *flags.identity_file};
  if (flags.recovery_file) return UnlockSource{Kind::recovery_file, kRecoveryFile, *flags.recovery_file};
  if (flags.recovery) return UnlockSource{Kind::recovery_prompt, kRecovery, {}};
  return std::nullopt;
}

std::optional<UnlockSource> before_keyring(const UnlockFlags& flags, const Settings& settings) {
  if (const auto flag = from_flags(flags)) return *flag;
  if (!settings.environment_key_file.empty())
    return UnlockSource{Kind::key_file, kEnvironmentFile, settings.environment_key_file};
  if (is_there(settings.credential)) return UnlockSource{Kind::credential, kCredential, settings.credential};
  return std::nullopt;
}

Result<SecretBuffer> prompt(const Settings& settings, std::string_view text, bool fresh) {
  TV_TRY(const auto terminal, Terminal::open(!settings.no_input));
  return fresh ? terminal.ask_new(text) : terminal.ask_hidden(text);
}

Result<KeySource> as_passphrase(Result<SecretBuffer> text, KdfCost cost) {
  if (!text) return std::move(text).error();
  strip_line_end(*text);
  return KeySource::passphrase(*std::move(text), cost);
}

Result<KeySource> raw_key_from_fd(int fd) {
  TV_TRY(auto key, read_descriptor(fd, kMaxSecretSize));
  return KeySource::raw_key(std::move(key));
}

Result<KeySource> identity_from_file(const std::string& path) {
  TV_TRY(auto key, read_secret_file(path, kMaxSecretSize));
  return KeySource::identity(std::move(key));
}

Result<KeySource> recovery_from(Result<SecretBuffer> code) {
  if (!code) return std::move(code).error();
  strip_line_end(*code);
  return KeySource::recovery(*code);
}

std::string describe(bool given, std::string text) { return given ? std::move(text) : "not given"; }

std::string file_state(const std::string& path) {
  if (path.empty()) return "not set";
  return fmt::format("{}{}", path, is_there(path) ? "" : " (absent)");
}

}  // namespace

int count(const UnlockFlags& flags) noexcept {
  return int{flags.key_file.has_value()} + int{flags.key_fd.has_value()} +
         int{flags.passphrase_fd.has_value()} + int{flags.passphrase_file.has_value()} +
         int{flags.passphrase_command.has_value()} + int{flags.passphrase} +
         int{flags.identity_file.has_value()} + int{flags.recovery_file.has_value()} + int{flags.recovery};
}

bool is_there(const std::string& path) noexcept {
  struct stat info {};
  return !path.empty() && ::lstat(path.c_str(), &info) == 0;
}

UnlockSource choose_unlock(const UnlockFlags& flags, const Settings& settings, bool kept) {
  if (const auto first = before_keyring(flags, settings)) return *first;
  if (kept) return {Kind::kernel_keyring, kKernelKeyring, {}};
  if (is_there(settings.default_key_file)) return {Kind::key_file, kDefaultFile, settings.default_key_file};
  return {Kind::passphrase_prompt, kPrompt, {}};
}

bool reaches_keyring(const UnlockFlags& flags, const Settings& settings) {
  return !before_keyring(flags, settings);
}

std::vector<std::vector<std::string>> unlock_order(const UnlockFlags& flags, const Settings& settings,
                                                   const KeptLook& kept) {
  const auto flag = from_flags(flags);
  const auto used = choose_unlock(flags, settings, kept.found.has_value());
  std::vector<std::vector<std::string>> rows{
      {"a flag", describe(flag.has_value(), flag ? std::string(flag->name) : std::string())},
      {std::string(kEnvironmentFile), file_state(settings.environment_key_file)},
      {std::string(kCredential), file_state(settings.credential)},
      {std::string(kKernelKeyring), kept.state},
      {std::string(kDefaultFile), file_state(settings.default_key_file)},
      {std::string(kPrompt), settings.no_input ? "forbidden by --no-input" : "if nothing above is there"}};
  for (auto& row : rows) {
    const bool chosen = row[0] == used.name || (flag && row[0] == "a flag");
    row.insert(row.begin(), chosen ? "  >" : "   ");
  }
  return rows;
}

Result<KeySource> passphrase_from_fd(int fd, KdfCost cost) {
  return as_passphrase(read_descriptor(fd, kMaxPassphraseInput), cost);
}

Result<KeySource> read_key(const UnlockSource& source, const Settings& settings, KdfCost cost, bool fresh) {
  switch (source.kind) {
    case Kind::key_file:
    case Kind::credential: return key_from_file(source.place);
    case Kind::key_fd: return raw_key_from_fd(source.fd);
    case Kind::passphrase_fd: return passphrase_from_fd(source.fd, cost);
    case Kind::passphrase_file: return as_passphrase(read_passphrase_file(source.place), cost);
    case Kind::passphrase_command: return as_passphrase(read_command(source.place), cost);
    case Kind::passphrase_prompt:
      return as_passphrase(prompt(settings, fresh ? "new passphrase: " : "passphrase: ", fresh), cost);
    case Kind::identity_file: return identity_from_file(source.place);
    case Kind::recovery_file: return recovery_from(read_secret_file(source.place, kMaxPassphraseInput));
    case Kind::recovery_prompt: return recovery_from(prompt(settings, "recovery code: ", false));
    case Kind::kernel_keyring: break;
  }
  return Error(Errc::internal, "a key source nobody knows");
}

}  // namespace tokenvault::cli
