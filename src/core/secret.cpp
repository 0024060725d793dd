#include "tokenvault/secret.hpp"

#include <fmt/format.h>
#include <sodium.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/arena.hpp"
#include "core/copy_secret.hpp"
#include "core/mutant.hpp"
#include "core/process.hpp"
#include "core/secret_access.hpp"
#include "core/try.hpp"

namespace tokenvault {
namespace {

constexpr std::size_t kMaxAllocation = kMaxSecretSize + SecretAccess::kPadBlock;
constexpr std::byte kPadStart{0x80};
constexpr std::array<std::byte, SecretAccess::kPadBlock> kEmptyPadded = {kPadStart};

static_assert(SecretAccess::kPadBlock % Chunk::kUnit == 0);
static_assert(SecretAccess::padded_size(kMaxAllocation) <= Chunk::kMaxUnits * Chunk::kUnit);
static_assert(SecretAccess::padded_size(kMaxAllocation) <= 9 * 4096, "the last locked chunk holds it");

Arena& arena() noexcept { return Arena::of_process(); }

Error no_memory(std::size_t size) {
  return Error(Errc::out_of_memory,
               fmt::format("cannot get {} bytes of secret memory: raise the limit on locked memory "
                           "(RLIMIT_MEMLOCK) or allow plain memory",
                           size),
               arena().use().os_error);
}

std::size_t lock_limit() noexcept {
  rlimit limit = {};
  if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return 0;
  return limit.rlim_cur == RLIM_INFINITY ? SIZE_MAX : static_cast<std::size_t>(limit.rlim_cur);
}

/// read(2) that goes on after signals.
ssize_t read_some(int fd, std::byte* to, std::size_t size) noexcept {
  ssize_t got = 0;
  do {
    got = read(fd, to, size);
  } while (got < 0 && errno == EINTR);
  return got;
}

/// Copies the first `filled` bytes to a buffer four times as large: with steps of two, the last old and
/// new cell would not fit into the locked chunks side by side.
Result<SecretBuffer> enlarge(const SecretBuffer& full, std::size_t filled, std::size_t limit) {
  TV_TRY(auto larger, SecretBuffer::allocate(std::min(limit, full.size() * 4)));
  copy_secret(larger.expose_writable().data(), full.expose().data(), filled);
  return larger;
}

}  // namespace

const char* to_string(Backing backing) noexcept {
  switch (backing) {
    case Backing::none: return "none";
    case Backing::memfd_secret: return "memfd_secret";
    case Backing::locked: return "locked";
    case Backing::plain: return "plain";
  }
  return "unknown";
}

Protection protection() noexcept {
  const Arena::Use use = arena().use();
  return {.backing = use.backing,
          .locked_bytes = use.locked_bytes,
          .plain_bytes = use.plain_bytes,
          .lock_limit = lock_limit(),
          .dontdump = use.dontdump,
          .dontfork = use.dontfork,
          .hardened = process_is_hardened(),
          .os_error = use.os_error};
}

Status set_memory_policy(MemoryPolicy policy, Backing best) {
  if (!mutated("secret.policy_backing") && best == Backing::none) {
    return Error(Errc::invalid_argument, "cannot set the memory policy: no backing named");
  }
  if (!mutated("secret.policy_contradiction") && policy == MemoryPolicy::require && best == Backing::plain) {
    return Error(Errc::invalid_argument, "cannot require locked memory and allow only plain");
  }
  if (arena().configure(policy, best)) return Ok{};
  return Error(Errc::invalid_argument, "cannot change the memory policy while secrets exist: set it first");
}

SecretBuffer::SecretBuffer(SecretBuffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)), born_(other.born_) {}

SecretBuffer& SecretBuffer::operator=(SecretBuffer&& other) noexcept {
  if (this == &other) return *this;
  wipe();
  data_ = std::exchange(other.data_, nullptr);
  size_ = std::exchange(other.size_, 0);
  born_ = other.born_;
  return *this;
}

SecretBuffer::~SecretBuffer() { wipe(); }

Result<SecretBuffer> SecretBuffer::allocate(std::size_t size) {
  SecretBuffer buffer;
  if (size == 0) return buffer;
  if (!mutated("secret.size") && size > kMaxAllocation) {
    return Error(Errc::invalid_argument,
                 fmt::format("cannot hold a secret of {} bytes: the most is {}", size, kMaxSecretSize));
  }
  buffer.data_ = arena().acquire(SecretAccess::padded_size(size));
  if (buffer.data_ == nullptr) return no_memory(size);
  buffer.size_ = size;
  buffer.born_ = arena().generation();
  buffer.data_[size] = kPadStart;
  return buffer;
}

Result<SecretBuffer> SecretBuffer::copy_of(std::span<const std::byte> bytes) {
  TV_TRY(SecretBuffer copy, allocate(bytes.size()));
  copy_secret(copy.data_, bytes.data(), bytes.size());
  return copy;
}

Result<SecretBuffer> SecretBuffer::read_from(int fd, std::size_t limit) {
  constexpr std::size_t kFirstRead = 512;
  limit = std::min(limit, kMaxAllocation);
  TV_TRY(SecretBuffer buffer, allocate(std::clamp<std::size_t>(limit, 1, kFirstRead)));
  std::size_t filled = 0;
  for (;;) {
    // One byte more than asked for lands in the pad, which tells "full" from "too long".
    const ssize_t got = read_some(fd, buffer.data_ + filled, buffer.size_ + 1 - filled);
    if (got < 0) return Error(Errc::io, fmt::format("cannot read a secret from descriptor {}", fd), errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
    if (!mutated("secret.read_limit") && filled > limit) {
      return Error(Errc::refused, fmt::format("cannot take a secret of more than {} bytes", limit));
    }
    if (filled > buffer.size_) {
      TV_TRY(buffer, enlarge(buffer, filled, limit));
    }
  }
  buffer.truncate(filled);
  return buffer;
}

std::span<const std::byte> SecretBuffer::expose() const noexcept {
  if (!mutated("secret.expose_fork") && born_ != arena().generation()) return {};
  return {data_, size_};
}

std::span<std::byte> SecretBuffer::expose_writable() noexcept {
  if (!mutated("secret.write_fork") && born_ != arena().generation()) return {};
  return {data_, size_};
}

void SecretBuffer::truncate(std::size_t size) noexcept {
  if (size >= size_) return;
  if (size == 0 || (!mutated("secret.truncate_fork") && born_ != arena().generation())) return wipe();
  const std::size_t cell = SecretAccess::padded_size(size_);
  const std::size_t kept = SecretAccess::padded_size(size);
  if (!mutated("secret.truncate_wipe")) sodium_memzero(data_ + size, kept - size);
  data_[size] = kPadStart;
  size_ = size;
  if (cell > kept) arena().release(data_ + kept, cell - kept);
}

void SecretBuffer::wipe() noexcept {
  if (data_ != nullptr && (mutated("secret.wipe_fork") || born_ == arena().generation())) {
    arena().release(data_, SecretAccess::padded_size(size_));
  }
  data_ = nullptr;
  size_ = 0;
}

std::span<const std::byte> SecretAccess::padded(const SecretBuffer& buffer) noexcept {
  if (buffer.data_ == nullptr) return kEmptyPadded;
  if (!mutated("secret.padded_fork") && buffer.born_ != arena().generation()) return {};
  return {buffer.data_, padded_size(buffer.size_)};
}

Result<SecretBuffer> SecretAccess::allocate_padded(std::size_t padded_size) {
  assert(padded_size > 0 && padded_size % kPadBlock == 0);
  return SecretBuffer::allocate(padded_size - 1);
}

std::span<std::byte> SecretAccess::padded_writable(SecretBuffer& buffer) noexcept {
  if (buffer.data_ == nullptr || buffer.born_ != arena().generation()) return {};
  return {buffer.data_, padded_size(buffer.size_)};
}

/// Ends at the first non-zero byte from the back: that tells the value's length, which the caller of
/// get() is told too, and takes a tenth of the time of sodium_unpad.
bool SecretAccess::unpad(SecretBuffer& buffer) noexcept {
  const auto bytes = padded_writable(buffer);
  if (bytes.empty()) return false;
  const std::size_t last_block = bytes.size() - kPadBlock;
  std::size_t size = bytes.size() - 1;
  while (size > last_block && bytes[size] == std::byte{0}) --size;
  if (!mutated("secret.padding") && bytes[size] != kPadStart) return false;
  if (size == 0) buffer.wipe();
  buffer.size_ = size;
  return true;
}

bool is_printable(std::span<const std::byte> value) noexcept {
  return std::ranges::all_of(value,
                             [](std::byte byte) { return byte > std::byte{0x20} && byte < std::byte{0x7F}; });
}

bool equal_constant_time(const SecretBuffer& a, const SecretBuffer& b) noexcept {
  if (!mutated("secret.equal_size") && a.size() != b.size()) return false;
  if (a.empty()) return true;
  const auto left = a.expose();
  const auto right = b.expose();
  if (!mutated("secret.equal_fork") && (left.size() != right.size() || left.empty())) return false;
  return mutated("secret.equal") || sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

Result<SecretBuffer> base64_encode(const SecretBuffer& bytes) {
  constexpr std::size_t kMaxIn = 24 * 1024;
  const auto in = bytes.expose();
  if (!mutated("secret.encode_size") && in.size() > kMaxIn) {
    return Error(Errc::invalid_argument,
                 fmt::format("cannot encode {} bytes as base64: the most is {}", in.size(), kMaxIn));
  }
  const std::size_t room = sodium_base64_ENCODED_LEN(in.size(), sodium_base64_VARIANT_ORIGINAL);
  TV_TRY(auto text, SecretBuffer::allocate(room - 1));
  if (text.empty()) return text;
  auto* out = reinterpret_cast<char*>(text.expose_writable().data());
  sodium_bin2base64(out, room, reinterpret_cast<const unsigned char*>(in.data()), in.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  out[room - 1] = static_cast<char>(kPadStart);  // where it wrote its terminator
  return text;
}

Result<SecretBuffer> base64_decode(const SecretBuffer& text) {
  constexpr std::size_t kMaxIn = 32 * 1024;
  const auto in = text.expose();
  if (!mutated("secret.decode_fork") && in.size() != text.size())
    return Error(Errc::forked, "a secret does not cross fork()");
  if (!mutated("secret.decode_size") && in.size() > kMaxIn) {
    return Error(Errc::invalid_argument,
                 fmt::format("cannot decode {} bytes of base64: the most is {}", in.size(), kMaxIn));
  }
  const Error malformed(Errc::invalid_argument, "cannot decode base64: it is malformed");
  if (!mutated("secret.decode_length") && in.size() % 4 != 0) return malformed;
  if (in.empty()) return SecretBuffer();  // which has no address, and libsodium wants one
  TV_TRY(auto bytes, SecretBuffer::allocate(in.size() / 4 * 3));
  std::size_t size = 0;
  const int failed = sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.expose_writable().data()),
                                       bytes.size(), reinterpret_cast<const char*>(in.data()), in.size(),
                                       nullptr, &size, nullptr, sodium_base64_VARIANT_ORIGINAL);
  // It takes some bytes above 127, where char is signed, for letters of the alphabet. Volatile, so that no
  // vector register is left with a piece of the text.
  auto all = std::byte{0};
  for (const volatile auto& byte : in) all |= byte;
  if (failed != 0 || (!mutated("secret.decode_letters") && (all & std::byte{0x80}) != std::byte{0}))
    return malformed;
  bytes.truncate(size);
  return bytes;
}

}  // namespace tokenvault
