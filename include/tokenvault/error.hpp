#pragma once
#include <cassert>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "tokenvault/export.hpp"

namespace tokenvault {

/// Why a call failed, for programs. A closed list: numbers are fixed for ever, additions go to the
/// end, and callers act differently on each of them.
enum class Errc : std::uint8_t {
  invalid_argument = 1,    ///< the call itself is wrong: a bad name, size or option; nothing was read
  no_vault = 2,            ///< there is no vault at this place
  already_exists = 3,      ///< there is one already, and the call was to make it
  not_found = 4,           ///< no such token, version, slot or blob
  conflict = 5,            ///< the caller's own compare-and-swap lost: look again, then decide
  wrong_key = 6,           ///< no slot opens with this key (or the slot was altered: nobody can tell)
  tampered = 7,            ///< opened with the right key, and what is stored is not what was written
  stale = 8,               ///< authentic, but older than something already seen
  unsupported = 9,         ///< a newer format, or a backend this build does not have
  read_only = 10,          ///< the backend cannot write
  permission_denied = 11,  ///< the system refused access
  refused = 12,            ///< against a rule that guards the user: file modes, sizes, policy
  unavailable = 13,        ///< a lock or other writers did not yield in time: retry later
  unreachable = 14,        ///< the engine or provider did not answer
  in_doubt = 15,           ///< it may have happened: look before doing it again
  expired = 16,            ///< the token's own expiry has passed
  no_key = 17,             ///< the key source has nothing to offer: no file, no input
  out_of_memory = 18,      ///< secret memory, or the KDF's, could not be had
  io = 19,                 ///< the system failed: see os_error()
  forked = 20,             ///< secret memory does not cross fork(): open the vault anew there, or exec
  internal = 21,           ///< a bug of ours
  needs_human = 22,        ///< a rotation waits for a person, or must end first
  rejected = 23,           ///< the provider says that the token is invalid
};

/// The code's name as it appears in JSON and in docs, e.g. "wrong_key". Static storage; thread-safe.
[[nodiscard]] TOKENVAULT_API std::string_view to_string(Errc code) noexcept;

/// What went wrong, for people and for programs. The message is one line in lower case without a
/// full stop: what was attempted, on what. It never holds secret bytes. A plain value; copies freely.
class [[nodiscard]] Error {
 public:
  Error(Errc code, std::string message, int os_error = 0)
      : message_(std::move(message)), os_error_(os_error), code_(code) {}
  [[nodiscard]] Errc code() const noexcept { return code_; }
  [[nodiscard]] const std::string& message() const noexcept { return message_; }
  /// errno of the failed system call, or 0.
  [[nodiscard]] int os_error() const noexcept { return os_error_; }

 private:
  std::string message_;
  int os_error_;
  Errc code_;
};

/// Ends in std::runtime_error with the error's message; the only throw in the library, out of line
/// so that the headers compile with -fno-exceptions.
[[noreturn]] TOKENVAULT_API void throw_error(const Error& error);

/// A value or an Error. Member names follow std::expected, which neither supported compiler has in
/// C++20. Reading the wrong side is a bug and asserts.
template <typename T>
class [[nodiscard]] Result {
 public:
  // Version 14 of the formatter does not know the clause.
  // clang-format off
  template <typename U = T>
    requires std::convertible_to<U, T> && (!std::same_as<std::remove_cvref_t<U>, Error>) &&
             (!std::same_as<std::remove_cvref_t<U>, Result>)
  Result(U&& value) : state_(std::in_place_index<0>, std::forward<U>(value)) {}
  // clang-format on
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  [[nodiscard]] T& operator*() & noexcept { return *held(); }
  [[nodiscard]] const T& operator*() const& noexcept { return *held(); }
  [[nodiscard]] T&& operator*() && noexcept { return std::move(*held()); }
  [[nodiscard]] T* operator->() noexcept { return held(); }
  [[nodiscard]] const T* operator->() const noexcept { return held(); }

  [[nodiscard]] const Error& error() const& noexcept {
    assert(!has_value());
    return *std::get_if<1>(&state_);
  }
  [[nodiscard]] Error&& error() && noexcept {
    assert(!has_value());
    return std::move(*std::get_if<1>(&state_));
  }

  /// The value, or throws: for applications that prefer exceptions.
  T value() && {
    if (!has_value()) throw_error(error());
    return std::move(*held());
  }

 private:
  [[nodiscard]] T* held() noexcept {
    assert(has_value());
    return std::get_if<0>(&state_);
  }
  [[nodiscard]] const T* held() const noexcept {
    assert(has_value());
    return std::get_if<0>(&state_);
  }
  std::variant<T, Error> state_;
};

struct Ok {};
/// Success without a value: `return Ok{};`
using Status = Result<Ok>;

}  // namespace tokenvault
