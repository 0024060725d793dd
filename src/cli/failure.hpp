#pragma once
#include <string>
#include <string_view>

#include "tokenvault/error.hpp"

namespace tokenvault::cli {

inline constexpr int kDone = 0;
inline constexpr int kUsage = 2;

/// The exit code of the contract for an error's code.
[[nodiscard]] int exit_of(Errc code) noexcept;

/// What to do next, or empty. Static storage.
[[nodiscard]] std::string_view hint_of(Errc code) noexcept;

/// Tells the user on stderr, as one JSON line where `json`, and returns the exit code, which is
/// `code` here and that of the contract below.
int report(const Error& error, std::string_view hint, bool json, int code);
int report(const Error& error, std::string_view hint, bool json);

/// `what` failed with the errno of this moment: permission_denied or io.
[[nodiscard]] Error system_error(std::string_view what);

}  // namespace tokenvault::cli
