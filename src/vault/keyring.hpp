#pragma once
#include <cstdint>
#include <deque>

#include "format/node.hpp"

namespace tokenvault {

/// The subkeys that blobs of one epoch are sealed under.
struct EpochKeys {
  std::uint32_t epoch = 0;
  SecretBuffer node;
  SecretBuffer record;
};

/// The master key of the current epoch and what follows from it. Keys of older epochs are taken from
/// the sealed history when a blob first asks for them, so that a vault of many epochs needs no more
/// secret memory than one. Not thread-safe: the vault's lock guards it.
class Keyring {
 public:
  /// Errors: tampered (history), out_of_memory.
  static Result<Keyring> make(const format::Header& header, SecretBuffer master);

  [[nodiscard]] std::uint32_t epoch() const noexcept { return current_; }
  [[nodiscard]] const SecretBuffer& master() const noexcept { return master_; }
  /// Key of the top node.
  [[nodiscard]] const SecretBuffer& top() const noexcept { return top_; }
  /// Keys at hand, or null: never touches the history.
  [[nodiscard]] const EpochKeys* find(std::uint32_t epoch) const noexcept;
  /// Errors: tampered when no key of that epoch exists, out_of_memory.
  Result<const EpochKeys*> of(std::uint32_t epoch);
  /// Whether this ring goes on from `older`, an earlier one of the same vault: it holds that one's master
  /// key. Whoever seals to a slot's public key, or kept an older master key, does not make up such a ring.
  /// Errors: stale (an earlier epoch), tampered, out_of_memory.
  [[nodiscard]] Status check_follows(const Keyring& older) const;
  /// The history of a header whose new master is `next`: this one's, and this ring's own master.
  /// Errors: refused when 512 older epochs are kept already, out_of_memory.
  [[nodiscard]] Result<Bytes> history_under(const SecretBuffer& next) const;

 private:
  [[nodiscard]] Result<SecretBuffer> open_history() const;
  Result<const EpochKeys*> add(std::uint32_t epoch, BytesView master);

  format::VaultId vault_id_{};
  std::uint32_t current_ = 0;
  SecretBuffer master_, top_;
  Bytes history_;
  std::deque<EpochKeys> epochs_;  // never moves what it holds
};

}  // namespace tokenvault
