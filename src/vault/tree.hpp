#pragma once
#include <functional>
#include <map>

#include "vault/sealed_nodes.hpp"
#include "vault/state.hpp"

namespace tokenvault {

/// Reads nodes and records below one root. What it reads stays at hand, opened, for the writer that
/// comes next. A blob that is gone because somebody committed meanwhile sets moved(): start over from
/// the new root; one that is gone under the same root is tampered.
class NodeReader {
 public:
  NodeReader(Store& store, State& state, bool remember = false, SealedNodes* known = nullptr) noexcept
      : store_(store), state_(state), known_(known), remember_(remember) {}

  /// From here on every node is asked of the store: for who wants to know what is there.
  void forget_known() noexcept { known_ = nullptr; }
  [[nodiscard]] SealedNodes* known() const noexcept { return known_; }

  [[nodiscard]] bool moved() const noexcept { return moved_; }
  [[nodiscard]] State& state() const noexcept { return state_; }

  /// The root as it lies in the store, if it is still the one these nodes hang on. Errors: tampered.
  Result<Bytes> root();
  /// A node's encoded body, checked and opened.
  Result<Bytes> node(const format::Pointer& pointer, const format::Digits& digits);
  /// A blob that a pointer names, digest checked, still sealed.
  Result<Bytes> blob(const format::Pointer& pointer);
  /// A version's value, from its sealed record.
  Result<SecretBuffer> open(std::string_view name, const format::Version& version, BytesView sealed) const;

 private:
  Result<Bytes> fetch(const BlobId& id);

  Store& store_;
  State& state_;
  SealedNodes* known_;
  std::map<BlobId, Bytes> opened_;
  bool remember_;
  bool moved_ = false;
};

/// The entry of `name`, by walking its path only.
Result<std::optional<format::Entry>> find_entry(NodeReader& nodes, std::string_view name);

/// What a walk over the whole tree tells. Every callback may end the walk with an error.
struct TreeVisitor {
  std::function<Status(const format::Entry&)> entry;  ///< what every walk is for
  /// A pointer to a node, before it is followed.
  std::function<Status(const format::Child&)> child = [](const format::Child&) -> Status { return Ok{}; };
  /// Whether to go below it at all.
  std::function<bool(const format::Child&)> enter = [](const format::Child&) { return true; };
  /// A node that could not be read: return Ok to go on without it.
  std::function<Status(const Error&)> broken = [](const Error& error) -> Status { return error; };
};

/// Visits every entry, and checks what one path alone cannot show: that each lies on its path and
/// that each child's wake is the earliest below it. Errors: tampered, or a callback's.
Status walk_tree(NodeReader& nodes, const TreeVisitor& visitor);

/// An entry to be put in its place.
struct EntryChange {
  format::Path path;
  format::Entry entry;
};

/// Changes the tree by rewriting the paths of the changed entries and nothing else.
class TreeWriter {
 public:
  explicit TreeWriter(NodeReader& nodes, std::uint32_t epoch, const SecretBuffer& node_key) noexcept
      : nodes_(nodes), node_key_(node_key), epoch_(epoch) {}

  /// Applies all of `changes` to `top` and to the nodes below it.
  Status apply(format::Body& top, std::vector<EntryChange> changes);

  std::vector<Blob> put;      ///< nodes to be stored
  std::vector<BlobId> erase;  ///< nodes they replace

 private:
  using Changes = std::span<EntryChange>;
  Status change(format::Body& body, const format::Digits& digits, Changes changes);
  Status change_branch(format::Body& body, const format::Digits& digits, Changes changes);
  Result<format::Child> change_child(const std::optional<format::Child>& child, const format::Digits& digits,
                                     Changes changes);
  void regrow(format::Body& leaf, const format::Digits& digits, Changes changes);
  format::Body grow(Changes entries, const format::Digits& digits);
  format::Child store(const format::Body& body, const format::Digits& digits);

  NodeReader& nodes_;
  const SecretBuffer& node_key_;
  std::uint32_t epoch_;
};

}  // namespace tokenvault
