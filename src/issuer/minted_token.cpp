#include "issuer/minted_token.hpp"

#include <algorithm>

#include "core/bytes.hpp"
#include "core/try.hpp"
#include "crypto/kdf.hpp"
#include "crypto/random.hpp"
#include "crypto/scrub.hpp"
#include "tokenvault/token_format.hpp"

namespace tokenvault::issuer {
namespace {

std::byte random_digit() noexcept {
  return static_cast<std::byte>(TokenFormat::kDigits[crypto::random_below(62)]);
}

}  // namespace

Result<MintedToken> mint(std::string_view prefix) {
  TV_TRY(auto token, SecretBuffer::allocate(prefix.size() + 1 + TokenFormat::kBodySize));
  const crypto::ScrubScope scrub;
  const auto all = token.expose_writable();
  std::ranges::copy(as_bytes(prefix), all.begin());
  all[prefix.size()] = std::byte{'_'};
  const auto body = all.subspan(prefix.size() + 1);
  std::ranges::generate(body.first(TokenFormat::kIdSize + TokenFormat::kSecretSize), random_digit);
  auto check = token_check(as_text(all.first(all.size() - TokenFormat::kCheckSize)));
  std::ranges::copy(std::as_bytes(std::span(check)), all.last(TokenFormat::kCheckSize).begin());
  return MintedToken{std::move(token), std::string(as_text(body.first(TokenFormat::kIdSize)))};
}

Result<SecretBuffer> hash_key_of(const SecretBuffer& master) {
  TV_TRY(auto key, SecretBuffer::allocate(32));
  crypto::derive_key(master.expose().first<32>(), "tvissuer", 1, key.expose_writable());
  return key;
}

crypto::Digest verifier_of(std::string_view token, const SecretBuffer& hash_key) noexcept {
  crypto::Digest digest;
  crypto::hash({}, hash_key.expose(), {as_bytes(token)}, digest);
  return digest;
}

crypto::Digest mark_of(const SecretBuffer& hash_key) noexcept {
  crypto::Digest mark;
  crypto::hash("tv.issuer.mark", hash_key.expose(), {}, mark);
  return mark;
}

}  // namespace tokenvault::issuer
