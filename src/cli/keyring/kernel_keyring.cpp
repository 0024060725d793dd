#include "kernel_keyring.hpp"

#include <fmt/format.h>
#include <keyutils.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

namespace tokenvault::cli {
namespace {

constexpr const char* kType = "user";
constexpr std::array kRings{KEY_SPEC_SESSION_KEYRING, KEY_SPEC_USER_KEYRING};

/// By user id alone. Nothing follows from possession, so that a session keyring which another user inherited (su,
/// sudo) opens nothing to him, and a session of ours that does not link the user keyring still reads from it.
constexpr key_perm_t kOwnerAlone =
    KEY_USR_VIEW | KEY_USR_READ | KEY_USR_SEARCH | KEY_USR_LINK | KEY_USR_SETATTR;

key_serial_t serial_of(KernelKeyring keyring) noexcept {
  return keyring == KernelKeyring::user ? KEY_SPEC_USER_KEYRING : KEY_SPEC_SESSION_KEYRING;
}

/// `what` failed with the errno of this moment.
Error kernel_error(std::string_view what) {
  const int error = errno;
  const auto say = [&](Errc code, std::string_view why) {
    return Error(code, fmt::format("cannot {}: {}", what, why), error);
  };
  switch (error) {
    case ENOSYS: return say(Errc::unsupported, "this kernel, or the sandbox around us, has no keyrings");
    case EPERM:
    case EACCES:
      return say(Errc::permission_denied,
                 "the kernel's keyrings are forbidden here, as in most containers; give the key each time");
    case EDQUOT: return say(Errc::io, "this user has no room left for keys; `keyctl show @u` lists them");
    case ENOKEY:
    case EKEYREVOKED:
    case EKEYEXPIRED: return say(Errc::io, "the keyring itself is gone, as after a logout; log in again");
    default: return say(Errc::io, std::generic_category().message(error));
  }
}

bool is_absence(int error) noexcept {
  return error == ENOKEY || error == EKEYREVOKED || error == EKEYEXPIRED;
}

/// A process without a session keyring is shown the one that all of a user's sessions share.
Status need_own_session() {
  const auto own = ::keyctl_get_keyring_ID(KEY_SPEC_SESSION_KEYRING, 0);
  if (own < 0) return kernel_error("use the session keyring");
  if (own != ::keyctl_get_keyring_ID(KEY_SPEC_USER_SESSION_KEYRING, 0)) return Ok{};
  return Error(
      Errc::refused,
      "this login has no session keyring of its own, which pam_keyinit makes: leave out --session, or "
      "begin one with `keyctl session - $SHELL`");
}

/// Rights and end come before the first keyring that outlives this process.
Status publish(key_serial_t key, KernelKeyring keyring, std::chrono::seconds life) {
  if (::keyctl_setperm(key, kOwnerAlone) != 0) return kernel_error("guard the key in the kernel");
  if (::keyctl_set_timeout(key, static_cast<unsigned>(life.count())) != 0)
    return kernel_error("limit the life of the key in the kernel");
  if (::keyctl_link(key, serial_of(keyring)) != 0) return kernel_error("keep a key in the kernel");
  return Ok{};
}

bool is_entry(key_serial_t key, std::string_view prefix) {
  std::array<char, 256> text{};
  if (::keyctl_describe(key, text.data(), text.size()) <= 0) return false;
  const std::string_view told(text.data());  // type;uid;gid;rights;description
  return told.starts_with(fmt::format("{};", kType)) && told.substr(told.rfind(';') + 1).starts_with(prefix);
}

/// What hangs in a keyring, as serial numbers; nothing where it cannot be read.
std::vector<key_serial_t> keys_in(key_serial_t ring) {
  std::vector<key_serial_t> keys(1024);
  const auto size = ::keyctl_read(ring, reinterpret_cast<char*>(keys.data()), keys.size() * sizeof(keys[0]));
  const auto count = size > 0 ? static_cast<std::size_t>(size) / sizeof(keys[0]) : 0;
  keys.resize(std::min(keys.size(), count));
  return keys;
}

}  // namespace

std::string_view to_string(KernelKeyring keyring) noexcept {
  return keyring == KernelKeyring::user ? "user" : "session";
}

Status check_kernel_keyring(KernelKeyring keyring) {
  if (keyring == KernelKeyring::session) return need_own_session();
  if (::keyctl_get_keyring_ID(KEY_SPEC_USER_KEYRING, 1) < 0) return kernel_error("use the user keyring");
  return Ok{};
}

Status keep_in_kernel(KernelKeyring keyring, const std::string& description, const SecretBuffer& content,
                      std::chrono::seconds life) {
  const auto bytes = content.expose();
  const auto key =
      ::add_key(kType, description.c_str(), bytes.data(), bytes.size(), KEY_SPEC_PROCESS_KEYRING);
  if (key < 0) return kernel_error("put a key into the kernel");
  auto published = publish(key, keyring, life);
  if (!published) ::keyctl_revoke(key);
  return published;
}

Result<std::optional<SecretBuffer>> read_from_kernel(KernelKeyring keyring, const std::string& description,
                                                     std::size_t limit) {
  const auto key =
      static_cast<key_serial_t>(::keyctl_search(serial_of(keyring), kType, description.c_str(), 0));
  if (key < 0 && is_absence(errno)) return std::optional<SecretBuffer>();
  if (key < 0) return kernel_error("look for a key in the kernel");
  auto content = SecretBuffer::allocate(limit);
  if (!content) return std::move(content).error();
  const auto room = content->expose_writable();
  const auto size = ::keyctl_read(key, reinterpret_cast<char*>(room.data()), room.size());
  if (size < 0 && is_absence(errno)) return std::optional<SecretBuffer>();
  if (size < 0) return kernel_error("read a key from the kernel");
  content->truncate(std::min(limit, static_cast<std::size_t>(size)));
  return std::optional(*std::move(content));
}

Result<int> forget_in_kernel(std::string_view prefix) {
  int forgotten = 0;
  std::optional<Error> left;
  for (const auto ring : kRings) {
    const auto serial = ::keyctl_get_keyring_ID(ring, 0);
    if (serial < 0 && !is_absence(errno)) return kernel_error("look at the kernel's keyrings");
    for (const auto key : keys_in(ring)) {
      if (!is_entry(key, prefix)) continue;
      // Revoked first: that wipes it at once, wherever else it may hang. Somebody else's can only be taken out of
      // this keyring, and what cannot keeps none of the others.
      const bool revoked = ::keyctl_revoke(key) == 0 || is_absence(errno);
      if (::keyctl_unlink(key, ring) == 0 || revoked)
        ++forgotten;
      else
        left = kernel_error("take a key out of the kernel");
    }
  }
  if (left) return *std::move(left);
  return forgotten;
}

}  // namespace tokenvault::cli
