#pragma once
#include "vault/tree.hpp"

namespace tokenvault {

/// The next root, before anybody has seen it: built on one state, sealed, then committed or thrown
/// away. The state itself does not change until the commit is known to have happened.
class Draft {
 public:
  Draft(Store& store, State& state, std::uint64_t now, SealedNodes* known = nullptr)
      : nodes_(store, state, true, known), header_(state.header), top_(state.top), now_(now) {}

  [[nodiscard]] bool moved() const noexcept { return nodes_.moved(); }
  [[nodiscard]] std::uint64_t now() const noexcept { return now_; }
  [[nodiscard]] const State& state() const noexcept { return nodes_.state(); }

  Result<std::optional<format::Entry>> find(std::string_view name) { return find_entry(nodes_, name); }
  /// The value of a version that is there.
  Result<SecretBuffer> value_of(std::string_view name, const format::Version& version);

  /// Seals one version's value; the pointer goes into the entry.
  Result<format::Pointer> add_record(std::string_view name, std::uint32_t version, const SecretBuffer& value);
  void erase_record(const BlobId& id) { erase_.push_back(id); }
  /// A blob that is sealed already.
  void add_blob(Blob blob) { put_.push_back(std::move(blob)); }
  /// The value of a version that may not be in the store, from its sealed record. Errors: tampered.
  Result<SecretBuffer> open(std::string_view name, const format::Version& version, BytesView sealed) const {
    return nodes_.open(name, version, sealed);
  }
  /// All entries there are. O(n).
  Result<std::vector<format::Entry>> entries();
  /// Puts `after` in `before`'s place. Errors: refused (an entry over 64 KiB or of more than 255 fields).
  Status replace(const std::optional<format::Entry>& before, format::Entry after);

  // Slots: the header's list and the sealed labels, kept together. Errors: refused (too many).
  Status add_slot(format::Slot slot, std::string_view label);
  void drop_slot(const SlotId& id);
  [[nodiscard]] std::vector<format::Slot>& slots() noexcept { return header_.slots; }
  /// Epoch number `epoch` under `master`; the slots must be rewrapped to it by the caller.
  Status begin_epoch(std::uint32_t epoch, SecretBuffer master);
  /// The generation is to be 2^32 above this root's and `seen`, so that nobody who saw either, or a few
  /// more, takes it for an older copy. Errors: refused.
  Status leap_beyond(std::uint64_t seen);
  [[nodiscard]] keys::Scope next_scope() const noexcept { return {header_.vault_id, header_.epoch}; }

  /// There is nothing to commit after all.
  void give_up() noexcept { given_up_ = true; }
  [[nodiscard]] bool given_up() const noexcept { return given_up_; }

  /// Seals it all. Once only. Errors: tampered (the tree), refused (the generation is the last one).
  Status seal();

  [[nodiscard]] Commit commit() const noexcept { return {state().revision, root_, put_, erase_}; }
  [[nodiscard]] const format::CommitId& id() const noexcept { return top_.commits.back(); }
  [[nodiscard]] std::uint64_t generation() const noexcept { return header_.generation; }
  [[nodiscard]] std::uint64_t tokens() const noexcept { return top_.tokens; }
  [[nodiscard]] const Bytes& root() const noexcept { return root_; }
  [[nodiscard]] Anchor anchor() const noexcept;
  /// What a store holds after this commit that held `before`.
  [[nodiscard]] std::vector<Blob> blobs_with(const std::vector<Blob>& before) const;

  /// The commit happened as `revision`: makes `state` the new one.
  void adopt(State& state, Revision revision) &&;

 private:
  [[nodiscard]] const Keyring& keys() const noexcept {
    return next_keys_ ? *next_keys_ : nodes_.state().keys;
  }
  Status apply_entries();
  void keep_nodes();

  NodeReader nodes_;
  format::Header header_;
  format::Top top_;
  std::uint64_t now_;
  std::vector<EntryChange> changes_;
  std::vector<Blob> put_;
  std::vector<BlobId> erase_;
  std::size_t new_nodes_ = 0;  ///< at the front of put_
  std::optional<Keyring> next_keys_;
  Bytes root_;
  bool given_up_ = false;
};

}  // namespace tokenvault
