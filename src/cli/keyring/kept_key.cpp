#include "kept_key.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "../output.hpp"
#include "../try.hpp"
#include "tokenvault/time_text.hpp"

namespace tokenvault::cli {
namespace {

constexpr std::string_view kPrefix = "tokenvault:";
constexpr std::size_t kKeySize = 32;

/// What lies in the kernel, as this machine lays it out: it never leaves it.
struct Head {
  char magic[4];
  std::uint32_t kind;
  VaultId vault;
  SlotId slot;
  std::int64_t until;  ///< seconds; the kernel ends it then too, and says nothing of when
};
constexpr std::size_t kSize = sizeof(Head) + kKeySize;
constexpr char kMagic[4] = {'t', 'v', 'k', '1'};
static_assert(sizeof(Head) == 40, "no padding");

std::string description_of(const VaultId& vault) { return std::string(kPrefix) + hex(vault); }

std::optional<Head> head_of(const SecretBuffer& content) {
  const auto bytes = content.expose();
  if (bytes.size() != kSize) return std::nullopt;
  Head head;
  std::memcpy(&head, bytes.data(), sizeof(head));
  return std::memcmp(head.magic, kMagic, sizeof(kMagic)) == 0 ? std::optional(head) : std::nullopt;
}

KeptLook stale(std::string why) { return {std::nullopt, std::move(why), true}; }

KeptLook look_at(const SecretBuffer& content, const VaultHead& vault, Time now) {
  const auto head = head_of(content);
  if (!head || head->vault != vault.vault_id) return stale("what is kept there is no key of this vault");
  const Time until{std::chrono::seconds(head->until)};
  if (until <= now) return {std::nullopt, "nothing is kept", false};
  if (std::ranges::find(vault.slots, head->slot) == vault.slots.end())
    return stale(
        fmt::format("the slot {} of the key that is kept was removed from the vault", hex(head->slot)));
  auto key = SecretBuffer::copy_of(content.expose().subspan(sizeof(Head)));
  if (!key) return {std::nullopt, key.error().message(), false};
  SlotKey slot{head->slot, static_cast<SlotKind>(head->kind), *std::move(key)};
  return {KeptKey{std::move(slot), until}, fmt::format("until {}", to_rfc3339(until)), false};
}

KeptLook look_into(KernelKeyring keyring, const VaultHead& vault, Time now) {
  // One byte more than there can be, so that what is longer shows.
  auto content = read_from_kernel(keyring, description_of(vault.vault_id), kSize + 1);
  if (!content) return {std::nullopt, "not to be had: " + content.error().message(), false};
  if (!*content) return {std::nullopt, "nothing is kept", false};
  return look_at(**content, vault, now);
}

}  // namespace

Status keep_key(KernelKeyring keyring, const VaultId& vault, const KeptKey& key, Time now) {
  TV_TRY(auto content, SecretBuffer::allocate(kSize));
  Head head{{},
            static_cast<std::uint32_t>(key.key.kind),
            vault,
            key.key.slot,
            key.until.time_since_epoch().count()};
  std::memcpy(head.magic, kMagic, sizeof(kMagic));
  const auto bytes = content.expose_writable();
  std::memcpy(bytes.data(), &head, sizeof(head));
  std::ranges::copy(key.key.key.expose(), bytes.begin() + sizeof(head));
  return keep_in_kernel(keyring, description_of(vault), content, key.until - now);
}

KeptLook look_for_kept_key(const VaultHead& head, Time now) {
  auto nearest = look_into(KernelKeyring::session, head, now);
  if (nearest.found) return nearest;
  // Whatever lies in the session, another user's entry among it, must not hide what this user keeps.
  auto users = look_into(KernelKeyring::user, head, now);
  if (users.found || !nearest.stale) return users;
  return nearest;
}

Result<int> forget_key(const VaultId& vault) { return forget_in_kernel(description_of(vault)); }
Result<int> forget_all_keys() { return forget_in_kernel(kPrefix); }

}  // namespace tokenvault::cli
