#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "keyring/kept_key.hpp"
#include "request.hpp"
#include "settings.hpp"
#include "tokenvault/key_source.hpp"

namespace tokenvault::cli {

/// One way to come by the key of a vault, chosen but not yet read.
struct UnlockSource {
  enum class Kind {
    key_file,
    key_fd,
    credential,
    passphrase_fd,
    passphrase_file,
    passphrase_command,
    passphrase_prompt,
    kernel_keyring,
    identity_file,
    recovery_file,
    recovery_prompt,
  };
  Kind kind = Kind::passphrase_prompt;
  std::string_view name;  ///< as `status` shows it
  std::string place;      ///< the path, or the command
  int fd = -1;
};

/// The flag that was given, else the first of environment and defaults that is there; the terminal
/// where nothing is. Reads no key. The kernel keyring has a turn where `kept` says that it holds a key.
[[nodiscard]] UnlockSource choose_unlock(const UnlockFlags& flags, const Settings& settings,
                                         bool kept = false);

/// Whether the kernel keyring would have a turn: it is not asked otherwise.
[[nodiscard]] bool reaches_keyring(const UnlockFlags& flags, const Settings& settings);

/// Each place that is looked at, in order, and what is there, in words: for `status`.
[[nodiscard]] std::vector<std::vector<std::string>> unlock_order(const UnlockFlags& flags,
                                                                 const Settings& settings,
                                                                 const KeptLook& kept);

/// How many sources the flags name: more than one is a usage error.
[[nodiscard]] int count(const UnlockFlags& flags) noexcept;

/// Reads the key, but for the kernel's, which a look has given already. `fresh` asks for a new passphrase twice.
/// Errors: no_key, wrong_key, refused, io.
Result<KeySource> read_key(const UnlockSource& source, const Settings& settings, KdfCost cost, bool fresh);

/// A passphrase from a descriptor: all of it but one line end. Errors: no_key, refused, io.
Result<KeySource> passphrase_from_fd(int fd, KdfCost cost);

/// Whether something of that name exists, whatever it is.
[[nodiscard]] bool is_there(const std::string& path) noexcept;

}  // namespace tokenvault::cli
