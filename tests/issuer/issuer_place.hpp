#pragma once
#include <array>
#include <string>
#include <string_view>

#include "core/bytes.hpp"
#include "support/fake_clock.hpp"
#include "support/temp_dir.hpp"
#include "tokenvault/issuer.hpp"

namespace tokenvault::test {

inline SecretBuffer master_key(unsigned char first = 0) {
  auto key = SecretBuffer::allocate(32).value();
  for (std::size_t i = 0; i < 32; ++i) key.expose_writable()[i] = static_cast<std::byte>(first + i);
  return key;
}

/// What a request with this token gets.
inline Decision ask(Issuer& issuer, std::string_view token, std::string_view scope = {}) {
  const std::string field = "Bearer " + std::string(token);
  const std::array fields{std::string_view(field)};
  return issuer.authorize(fields, scope).value();
}

inline std::string_view text_of(const IssuedToken& issued) { return as_text(issued.token.expose()); }

/// "" for a grant.
inline std::string_view word(const Decision& decision) {
  const auto* refusal = std::get_if<Refusal>(&decision);
  return refusal == nullptr ? std::string_view() : to_string(*refusal);
}

}  // namespace tokenvault::test
