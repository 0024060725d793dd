#pragma once
#include <pthread.h>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <exception>
#include <new>
#include <optional>
#include <string>
#include <string_view>

#include "capi/handles.hpp"
#include "tokenvault.h"
#include "tokenvault/lease.hpp"
#include "tokenvault/vault.hpp"

namespace tokenvault::capi {

/// What a tv_secret stands for.
using Secret = Token;
/// What a tv_tokens stands for.
using Tokens = std::unique_ptr<const std::vector<TokenInfo>>;

/// The tables of what callers hold, one per kind.
struct Held {
  Handles<Vault, 1> vaults;
  Handles<Secret, 3> secrets;
  Handles<Tokens, 5> tokens;
  Handles<Lease, 7> leases;
};
[[nodiscard]] Held& held() noexcept;

inline auto use(const tv_vault* handle) {
  return held().vaults.use(reinterpret_cast<std::uintptr_t>(handle));
}
inline auto use(const tv_secret* handle) {
  return held().secrets.use(reinterpret_cast<std::uintptr_t>(handle));
}
inline auto use(const tv_tokens* handle) {
  return held().tokens.use(reinterpret_cast<std::uintptr_t>(handle));
}
inline auto use(const tv_lease* handle) {
  return held().leases.use(reinterpret_cast<std::uintptr_t>(handle));
}

[[nodiscard]] Error bad_handle(const char* what);
[[nodiscard]] Error null_output();

/// Fills what the caller gave for errors, and returns the status.
tv_status tell(const Error& error, tv_error* out) noexcept;
/// For want of memory, without any.
tv_status tell(tv_status code, const char* message, tv_error* out) noexcept;

/// No thread is cancelled while it is in the library: that would leave locks and files as they are, and ends the
/// whole process where it meets a destructor. A request waits for the caller's next cancellation point.
class Uncancelled {
 public:
  Uncancelled() noexcept { ::pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before_); }
  Uncancelled(const Uncancelled&) = delete;
  Uncancelled& operator=(const Uncancelled&) = delete;
  ~Uncancelled() { ::pthread_setcancelstate(before_, nullptr); }

 private:
  int before_ = PTHREAD_CANCEL_ENABLE;
};

/// Ends a handle; null and freed ones too.
template <typename Table, typename Handle>
void free_handle(Table& table, const Handle* handle) noexcept {
  const Uncancelled whole;
  table.free(reinterpret_cast<std::uintptr_t>(handle));
}

/// Calls what may throw, and lets nothing out.
template <std::invocable F>
tv_status guarded(tv_error* out, F&& call) noexcept {
  const Uncancelled whole;
  try {
    const Status done = call();
    return done ? TV_OK : tell(done.error(), out);
  } catch (const std::bad_alloc&) {
    return tell(TV_E_OUT_OF_MEMORY, "out of memory", out);
  } catch (...) {
    return tell(TV_E_INTERNAL, "an exception that nobody expected", out);
  }
}

/// Gives the caller a handle to `thing`.
template <typename Table, typename Thing, typename Handle>
Status hand_out(Table& table, Thing&& thing, Handle** out) {
  *out = reinterpret_cast<Handle*>(table.add(std::forward<Thing>(thing)));
  if (*out == nullptr) return Error(Errc::out_of_memory, "too many handles are open, or no memory is left");
  return Ok{};
}

/// The size that a struct says it has. Errors: invalid_argument (null, or fewer bytes than it ever had).
Result<std::size_t> struct_size(const void* given, std::size_t least);
/// Errors: unsupported where bytes that this library does not know are set.
Status check_tail(const void* given, std::size_t known, std::size_t size);

/// What a caller asks for; `usual` where that is null.
template <typename T>
Result<T> read_struct(const T* given, const T& usual) {
  if (given == nullptr) return usual;
  const auto size = struct_size(given, sizeof(T));
  if (!size) return size.error();
  if (auto known = check_tail(given, sizeof(T), *size); !known) return std::move(known).error();
  T copy;
  std::memcpy(&copy, given, sizeof(T));
  return copy;
}

/// Whether a caller's struct can take an answer; to be asked before anything is done.
template <typename T>
Status check_output(const T* out) {
  const auto size = struct_size(out, sizeof(T));
  if (!size) return size.error();
  return Ok{};
}

/// Writes an answer, and zeroes beyond what this library knows. Only after check_output().
template <typename T>
void write_struct(T* out, T answer) {
  std::memcpy(&answer.struct_size, out, sizeof(answer.struct_size));
  const std::size_t size = answer.struct_size;
  std::memcpy(static_cast<void*>(out), &answer, sizeof(T));
  std::memset(reinterpret_cast<std::byte*>(out) + sizeof(T), 0, size - sizeof(T));
}

/// Cuts `text` to what fits, at a character's end, with a NUL.
void copy_text(char* out, std::size_t capacity, std::string_view text) noexcept;
template <std::size_t kSize>
void copy_text(char (&out)[kSize], std::string_view text) noexcept {
  copy_text(out, kSize, text);
}

/// A name or a prefix. Null is an empty one only where `optional`. Errors: invalid_argument.
Result<std::string_view> text_of(const char* text, std::size_t size, bool optional = false);

/// A caller's bytes, copied. Errors: invalid_argument (null), refused (more than `limit`), out_of_memory.
Result<SecretBuffer> secret_of(const void* bytes, std::size_t size, std::size_t limit = kMaxSecretSize);
/// Copies a value out. Errors: refused, with the size told, where it does not fit; invalid_argument, forked.
Status copy_secret(const SecretBuffer& secret, void* buffer, std::size_t capacity, std::size_t* size);

[[nodiscard]] std::int64_t seconds(Time time) noexcept;
[[nodiscard]] std::int64_t seconds(const std::optional<Time>& time) noexcept;
/// Errors: invalid_argument, beyond what a vault can note.
Result<std::optional<Time>> time_of(std::int64_t seconds);

}  // namespace tokenvault::capi
