#pragma once
#include "vault/tree.hpp"

namespace tokenvault {

/// The next root, before anybody has seen it: built on one state, sealed, then committed or thrown
/// away. The state itself does not change until the commit is known to have happened.
class Draft {
 public:
  Draft(Store& store, State& state, std::uint64_t now)
      : nodes_(store, state, true), header_(state.header), top_(state.top), now_(now) {}

  [[nodiscard]] bool moved() const noexcept { return nodes_.moved(); }
  [[nodiscard]] std::uint64_t now() const noexcept { return now_; }
  [[nodiscard]] const State& state() const noexcept { return nodes_.state(); }

  Result<std::optional<format::Entry>> find(std::string_view name) { return find_entry(nodes_, name); }
  /// The value of a version that is there.
  Result<SecretBuffer> value_of(std::string_view name, const format::Version& version);

  /// Seals one version's value; the pointer goes into the entry.
  Result<format::Pointer> add_record(std::string_view name, std::uint32_t version, const SecretBuffer& value);
  void erase_record(const BlobId& id) { erase_.push_back(id); }
  /// Puts `after` in `before`'s place. Errors: refused (an entry over 64 KiB or of more than 255 fields).
  Status replace(const std::optional<format::Entry>& before, format::Entry after);

  // Slots: the header's list and the sealed labels, kept together. Errors: refused (too many).
  Status add_slot(format::Slot slot, std::string_view label);
  void drop_slot(const SlotId& id);
  [[nodiscard]] std::vector<format::Slot>& slots() noexcept { return header_.slots; }
  /// A new epoch under `master`; the slots must be rewrapped to it by the caller.
  Status begin_epoch(SecretBuffer master);
  [[nodiscard]] keys::Scope next_scope() const noexcept { return {header_.vault_id, header_.epoch}; }

  /// Seals it all. Once only. Errors: tampered (the tree), refused (the generation is the last one).
  Status seal();

  [[nodiscard]] Commit commit() const noexcept { return {state().revision, root_, put_, erase_}; }
  [[nodiscard]] const format::CommitId& id() const noexcept { return top_.commits.back(); }
  [[nodiscard]] std::uint64_t generation() const noexcept { return header_.generation; }

  /// The commit happened as `revision`: makes `state` the new one.
  void adopt(State& state, Revision revision) &&;

 private:
  [[nodiscard]] const Keyring& keys() const noexcept {
    return next_keys_ ? *next_keys_ : nodes_.state().keys;
  }
  Status apply_entries();

  NodeReader nodes_;
  format::Header header_;
  format::Top top_;
  std::uint64_t now_;
  std::vector<EntryChange> changes_;
  std::vector<Blob> put_;
  std::vector<BlobId> erase_;
  std::optional<Keyring> next_keys_;
  Bytes root_;
};

}  // namespace tokenvault
