#pragma once
#include <span>
#include <string>
#include <string_view>

#include "tokenvault/secret.hpp"

namespace tokenvault::rotation {

/// Whether `text` holds the secret. One under 4 bytes is found in any text, and counts as not there.
bool holds(std::string_view text, const SecretBuffer& secret);

/// `text` from outside as one line of at most `limit` bytes: plain UTF-8, cut at a character's end. Empty where
/// it is not, or where it holds one of `secrets`.
std::string line_of(std::string_view text, std::span<const SecretBuffer* const> secrets,
                    std::size_t limit = 200);

}  // namespace tokenvault::rotation
