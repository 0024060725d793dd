#pragma once
#include <cstddef>
#include <span>

#include "tokenvault/error.hpp"

namespace tokenvault {

inline constexpr std::size_t kMaxSecretSize = 32 * 1024;  // bytes in one token's value

/// What holds secret memory, best first. See docs/threat-model.md for what each promises.
enum class Backing : std::uint8_t {
  none = 0,          ///< no secret has been allocated yet
  memfd_secret = 1,  ///< unreadable even through /proc/PID/mem and for root's debugger (Linux 5.14+)
  locked = 2,        ///< mmap + mlock + MADV_DONTDUMP + MADV_DONTFORK
  plain = 3,         ///< neither locked nor hidden; DONTDUMP and DONTFORK where the system has them
};

[[nodiscard]] TOKENVAULT_API const char* to_string(Backing backing) noexcept;

/// How much protection a process insists on.
enum class MemoryPolicy : std::uint8_t {
  require,  ///< locked or better, else every allocation fails with out_of_memory
  prefer,   ///< the best to be had, reported by protection(); the default
  off,      ///< plain memory on purpose: sanitizers, restricted sandboxes
};

/// What secret memory got from the system, in full: nothing degrades silently.
struct Protection {
  Backing backing = Backing::none;  ///< of the weakest chunk in use
  std::size_t locked_bytes = 0;     ///< memfd_secret and mlock together; never above 64 KiB
  std::size_t plain_bytes = 0;      ///< handed out beyond that, unprotected
  std::size_t lock_limit = 0;       ///< RLIMIT_MEMLOCK in bytes; SIZE_MAX when unlimited
  bool dontdump = false;            ///< left out of core files
  bool dontfork = false;            ///< absent in forked children
  bool hardened = false;            ///< harden_process() took effect
  int os_error = 0;                 ///< errno of the best backing that was refused, or 0
};

/// The state now. Thread-safe, no allocation.
[[nodiscard]] TOKENVAULT_API Protection protection() noexcept;

/// Sets the process-wide policy and, for tests and restricted hosts, the best backing to try.
/// Call before the first secret exists. Errors: invalid_argument when secrets exist already.
TOKENVAULT_API Status set_memory_policy(MemoryPolicy policy, Backing best = Backing::memfd_secret);

/// Makes this process undumpable and untraceable by others of the same user (PR_SET_DUMPABLE 0,
/// RLIMIT_CORE 0). Opt-in: it also makes /proc/self root-owned. Errors: io.
TOKENVAULT_API Status harden_process();

/// Owns secret bytes in the process's secret arena and wipes them before release. Move-only; not a
/// range, not comparable, not printable, on purpose: the bytes come out through one word that can be
/// searched for, `expose`. One object must not be used from two threads without a lock; distinct
/// objects may. After fork() a child's secrets are gone: expose() is empty there.
class TOKENVAULT_API SecretBuffer {
 public:
  SecretBuffer() noexcept = default;
  SecretBuffer(SecretBuffer&& other) noexcept;
  SecretBuffer& operator=(SecretBuffer&& other) noexcept;
  SecretBuffer(const SecretBuffer&) = delete;
  SecretBuffer& operator=(const SecretBuffer&) = delete;
  ~SecretBuffer();

  /// `size` zero bytes, 0 to kMaxSecretSize + 64. Errors: invalid_argument, out_of_memory.
  static Result<SecretBuffer> allocate(std::size_t size);
  /// A copy of `bytes`; the caller still has to wipe its own. Errors: as allocate.
  static Result<SecretBuffer> copy_of(std::span<const std::byte> bytes);
  /// Reads `fd` to its end with read(2), with no buffer in between. More than `limit` bytes:
  /// refused. Errors: refused, io, out_of_memory.
  static Result<SecretBuffer> read_from(int fd, std::size_t limit = kMaxSecretSize);

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  /// The bytes, valid until this object is changed, moved from or destroyed. Empty in a forked child.
  [[nodiscard]] std::span<const std::byte> expose() const noexcept;
  [[nodiscard]] std::span<std::byte> expose_writable() noexcept;

  /// Keeps the first `size` bytes (at most size()) and wipes the rest.
  void truncate(std::size_t size) noexcept;
  /// Wipes and releases; the buffer is empty afterwards.
  void wipe() noexcept;

 private:
  friend struct SecretAccess;  // library internals: the padded view
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  unsigned long born_ = 0;  // which side of a fork the cell belongs to
};

/// Equal size and bytes, in time that depends only on the sizes. Thread-safe.
[[nodiscard]] TOKENVAULT_API bool equal_constant_time(const SecretBuffer& a, const SecretBuffer& b) noexcept;

/// Whether all of `value` is printable ASCII without blanks, 0x21 to 0x7E: what a header carries and a person can
/// paste. Thread-safe.
[[nodiscard]] TOKENVAULT_API bool is_printable(std::span<const std::byte> value) noexcept;

/// Standard base64 with padding (RFC 4648 section 4) of `bytes`, itself a secret, computed in time
/// that does not depend on the bytes. At most 24 KiB in. Errors: invalid_argument, out_of_memory.
TOKENVAULT_API Result<SecretBuffer> base64_encode(const SecretBuffer& bytes);

/// What base64_encode made into `text`, in time that depends on its size alone while it is well formed.
/// Strict: no white space, all of the padding, no bits left over. At most 32 KiB in.
/// Errors: invalid_argument (not base64, or longer), forked, out_of_memory.
TOKENVAULT_API Result<SecretBuffer> base64_decode(const SecretBuffer& text);

}  // namespace tokenvault
