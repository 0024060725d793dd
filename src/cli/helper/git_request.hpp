#pragma once
#include <string_view>

#include "../exchange/secret_text.hpp"
#include "server.hpp"

namespace tokenvault::cli {

/// What git tells a credential helper (gitcredentials(7)): lines KEY=VALUE up to an empty line or the end. Of a
/// key that comes twice the last counts, and keys that are not known are left out.
class GitRequest {
 public:
  /// Reads all of it from `fd`, which stays the caller's. Errors: invalid_argument (a line that is no KEY=VALUE, or
  /// has a NUL byte or a carriage return; more than 32 KiB), io, no_key (not open for reading), out_of_memory.
  static Result<GitRequest> read_from(int fd);

  /// Empty where it was not told. Views into secret memory: a user's name in a URL may well be a token.
  [[nodiscard]] std::string_view value(std::string_view key) const noexcept;
  [[nodiscard]] Server server() const noexcept { return {value("protocol"), value("host"), value("path")}; }

 private:
  explicit GitRequest(SecretText lines) noexcept : lines_(std::move(lines)) {}
  SecretText lines_;
};

}  // namespace tokenvault::cli
