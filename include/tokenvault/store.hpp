#pragma once
#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tokenvault/clock.hpp"
#include "tokenvault/error.hpp"

namespace tokenvault {

/// Ciphertext and public header bytes only: safe to copy, to log the size of, and to lose.
using Bytes = std::vector<std::byte>;
using BytesView = std::span<const std::byte>;

inline constexpr std::size_t kMaxRootSize = 256 * 1024;  // bytes
inline constexpr std::size_t kMaxBlobSize = 128 * 1024;  // bytes

/// Names a blob: 24 random bytes, chosen by the vault, never reused.
struct BlobId {
  std::array<std::byte, 24> bytes{};
  auto operator<=>(const BlobId&) const = default;
};

/// Which commit a root comes from. Opaque: equality is all a caller may use, except `absent`.
enum class Revision : std::uint64_t { absent = 0 };

struct Root {
  Bytes bytes;
  Revision revision = Revision::absent;
};

struct Blob {
  BlobId id;
  Bytes bytes;
};

/// One atomic step. All of `put` becomes readable, `root` replaces the root and all of `erase` is
/// gone, or nothing changes. Views must live through the call. The vault lists what is erased in the
/// order of what replaces it, and likely of its size: a store may use that, and need not.
struct Commit {
  Revision expected = Revision::absent;  ///< absent: only where there is no root yet
  BytesView root;
  std::span<const Blob> put;
  std::span<const BlobId> erase;
};

struct Capabilities {
  bool writable = true;
  bool durable = true;  ///< an acknowledged commit survives power loss
  bool shared = false;  ///< other processes may commit between two calls
  bool wait = false;    ///< wait() is told of changes by the engine instead of asking
};

/// Keeps one mutable root and a bag of immutable blobs. Untrusted by design: it never sees a key, a
/// name or a plaintext, and the vault trusts nothing it answers. backends/README.md is the contract,
/// sentence by sentence; tests/support/store_contract holds every backend to it.
/// All methods are thread-safe and none may throw (std::bad_alloc apart). No method blocks longer
/// than the time-out its opener was given.
class TOKENVAULT_API Store {
 public:
  virtual ~Store() = default;

  [[nodiscard]] virtual Capabilities capabilities() const noexcept = 0;

  /// The root and its revision. Errors: no_vault where none was ever committed, tampered where the
  /// container itself does not parse, unavailable, permission_denied, io.
  virtual Result<Root> root() = 0;

  /// The blob's bytes as they were put. Errors: not_found, and as root().
  virtual Result<Bytes> get(const BlobId& id) = 0;

  /// Applies `commit` in one atomic, durable step and returns the new root's revision.
  /// Errors: conflict (the root is not at `expected`; nothing changed), in_doubt (it may have
  /// happened), already_exists (a blob id was put before with other bytes), read_only, unavailable,
  /// permission_denied, io (nothing changed).
  virtual Result<Revision> commit(const Commit& commit) = 0;

  /// Up to `limit` ids greater than `after` in ascending order; fewer than `limit` only at the end.
  /// Errors: as root().
  virtual Result<std::vector<BlobId>> list(const std::optional<BlobId>& after, std::size_t limit) = 0;

  /// The root's revision, cheap enough to ask before every read; `absent` where there is no root.
  virtual Result<Revision> revision() = 0;

  /// The revision as the engine last told, without asking it: at most a second old, and nothing where it has to
  /// be asked. For who reads often and may see a commit of another a little later. This base version knows nothing.
  virtual std::optional<Revision> told() { return std::nullopt; }

  /// Blocks until the revision differs from `since` or `timeout` has passed, and returns it. This
  /// base version asks revision() every 20 ms; a backend whose engine can tell overrides it.
  virtual Result<Revision> wait(Revision since, std::chrono::nanoseconds timeout, const Clock& clock);

  /// What the engine itself can check (sqlite: quick_check). Errors: tampered, io, unavailable.
  virtual Status check() { return Ok{}; }

  /// Gives back what deletions left behind, as far as the engine can. Errors: io, unavailable.
  virtual Status compact() { return Ok{}; }

 protected:
  friend class ReadScope;
  /// Between these two, root() and get() on this thread speak of one state where the engine can do
  /// that; elsewhere they do nothing, since immutable blobs make a torn read visible anyway.
  virtual void enter_read() noexcept {}
  virtual void leave_read() noexcept {}
};

/// Holds one consistent view of a store open on this thread; keep it short, and never commit within.
class ReadScope {
 public:
  explicit ReadScope(Store& store) noexcept : store_(store) { store_.enter_read(); }
  ~ReadScope() { store_.leave_read(); }
  ReadScope(const ReadScope&) = delete;
  ReadScope& operator=(const ReadScope&) = delete;

 private:
  Store& store_;
};

}  // namespace tokenvault
