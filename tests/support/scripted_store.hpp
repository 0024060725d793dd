#pragma once
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "core/bytes.hpp"
#include "tokenvault/store.hpp"

namespace tokenvault::test {

/// What happens around a store's calls, and what a vault sent. The test keeps it while a vault owns the
/// store.
struct Script {
  std::function<void()> before_commit, after_commit, before_root, before_get;  ///< empty: nothing
  bool down = false;                                                           ///< every call answers io
  bool hide_blobs = false;  ///< every get answers not_found
  bool flip_root = false;   ///< a bit of the root is not what was committed
  int roots = 0;            ///< calls of root()
  std::vector<Bytes> sent;  ///< each commit, expected revision and all, in one piece
};

/// Hands calls on to another store as the script says.
class ScriptedStore final : public Store {
 public:
  ScriptedStore(std::unique_ptr<Store> inner, std::shared_ptr<Script> script)
      : inner_(std::move(inner)), script_(std::move(script)) {}

  [[nodiscard]] Capabilities capabilities() const noexcept override { return inner_->capabilities(); }

  Result<Root> root() override {
    ++script_->roots;
    play(script_->before_root);
    if (script_->down) return no_answer();
    auto root = inner_->root();
    if (root && script_->flip_root) root->bytes.back() ^= std::byte{1};
    return root;
  }
  Result<Bytes> get(const BlobId& id) override {
    play(script_->before_get);
    if (script_->down) return no_answer();
    if (script_->hide_blobs) return Error(Errc::not_found, "hidden blob");
    return inner_->get(id);
  }
  Result<Revision> commit(const Commit& commit) override {
    script_->sent.push_back(in_one_piece(commit));
    play(script_->before_commit);
    if (script_->down) return no_answer();
    auto done = inner_->commit(commit);
    play(script_->after_commit);
    return done;
  }
  Result<std::vector<BlobId>> list(const std::optional<BlobId>& after, std::size_t limit) override {
    if (script_->down) return no_answer();
    return inner_->list(after, limit);
  }
  Result<Revision> revision() override {
    if (script_->down) return no_answer();
    return inner_->revision();
  }
  Status check() override {
    if (script_->down) return no_answer();
    return inner_->check();
  }

 private:
  /// A copy: a part may put another in its own place.
  static void play(std::function<void()> part) {
    if (part) part();
  }
  static Error no_answer() { return {Errc::io, "the store is down"}; }

  static Bytes in_one_piece(const Commit& commit) {
    Writer out;
    out.u64(static_cast<std::uint64_t>(commit.expected));
    out.u32(static_cast<std::uint32_t>(commit.root.size()));
    out.raw(commit.root);
    for (const auto& blob : commit.put) {
      out.raw(blob.id.bytes);
      out.u32(static_cast<std::uint32_t>(blob.bytes.size()));
      out.raw(blob.bytes);
    }
    for (const auto& id : commit.erase) out.raw(id.bytes);
    return out.take();
  }

  std::unique_ptr<Store> inner_;
  std::shared_ptr<Script> script_;
};

}  // namespace tokenvault::test
