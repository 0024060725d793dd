#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "tokenvault/export.hpp"

namespace tokenvault {

/// The form of the tokens that our own issuer makes:
///
///     token = prefix "_" id secret check
///
/// prefix: 2 to 16 characters, [a-z][a-z0-9]*. id: 12, public, what a log may show. secret: 43, 256 random bits.
/// check: 6, the CRC-32 (reflected 0xEDB88320, as zlib has it) of all bytes before it, in base 62, most significant
/// digit first. The digits are 0-9, A-Z, a-z in that order. A double click selects all of it, and it is a `b64token`
/// (RFC 6750 section 2.1). A mistyped or cut one is told offline. Tokens of others are opaque bytes to the vault.
struct TokenFormat {
  static constexpr std::size_t kMaxPrefix = 16, kMinPrefix = 2;
  static constexpr std::size_t kIdSize = 12, kSecretSize = 43, kCheckSize = 6;
  static constexpr std::size_t kBodySize = kIdSize + kSecretSize + kCheckSize;  // what follows the "_"
  static constexpr std::string_view kDigits =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
};

/// The public parts of a token; they point into the text that was parsed.
struct TokenParts {
  std::string_view prefix, id;
};

/// Whether all of `text` has the shape of our tokens, whatever its check says. Thread-safe, no allocation.
[[nodiscard]] TOKENVAULT_API bool has_token_shape(std::string_view text) noexcept;

/// The parts of `text` where all of it is a token of our form with the right check; nothing for anything else.
/// Nothing secret is in the answer. Thread-safe, no allocation.
[[nodiscard]] TOKENVAULT_API std::optional<TokenParts> parse_token(std::string_view text) noexcept;

/// Whether `prefix` is one. Thread-safe, no allocation.
[[nodiscard]] TOKENVAULT_API bool is_token_prefix(std::string_view prefix) noexcept;

/// The check of a token from `text`, all the bytes before it. Thread-safe, no allocation.
[[nodiscard]] TOKENVAULT_API std::array<char, TokenFormat::kCheckSize> token_check(
    std::string_view text) noexcept;

/// What people and logs are shown: "org_7Hq2LmX0tRbE…". Thread-safe.
[[nodiscard]] TOKENVAULT_API std::string shown_token(std::string_view prefix, std::string_view id);

/// `text` with each token of our form, whole, damaged or cut within its check, in its shown form: whatever may hold a
/// whole secret. Takes time that grows with the size of `text` alone. Thread-safe.
[[nodiscard]] TOKENVAULT_API std::string redact_tokens(std::string_view text);

}  // namespace tokenvault
