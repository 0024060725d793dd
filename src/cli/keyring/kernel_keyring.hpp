#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "tokenvault/secret.hpp"

/// The kernel's keyrings, as far as `unlock` and `lock` need them. A build without libkeyutils has the same
/// functions, which say so.
namespace tokenvault::cli {

/// Where an entry lives: with the user, whatever the session, or with this login session alone.
enum class KernelKeyring { user, session };

/// "user" or "session". Static storage.
[[nodiscard]] std::string_view to_string(KernelKeyring keyring) noexcept;

/// Whether entries can be kept there, before anybody types a passphrase for one. Errors: unsupported (this build, or
/// a kernel without keyrings), permission_denied (a sandbox), refused (a session without a keyring of its own), io.
Status check_kernel_keyring(KernelKeyring keyring);

/// Keeps `content` under `description`, in place of what is there, until `life` has passed. Processes of this user
/// alone can read it. Errors: as check_kernel_keyring(), io (the quota).
Status keep_in_kernel(KernelKeyring keyring, const std::string& description, const SecretBuffer& content,
                      std::chrono::seconds life);

/// The entry of that description in one keyring; nothing where there is none any more. At most `limit` bytes: a longer
/// one is cut. Errors: unsupported, permission_denied, io, out_of_memory.
Result<std::optional<SecretBuffer>> read_from_kernel(KernelKeyring keyring, const std::string& description,
                                                     std::size_t limit);

/// Takes every entry away whose description begins with `prefix`, from both keyrings, and wipes what it holds. Returns
/// how many there were. Errors: as read_from_kernel().
Result<int> forget_in_kernel(std::string_view prefix);

}  // namespace tokenvault::cli
