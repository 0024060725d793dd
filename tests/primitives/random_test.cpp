// No vector can tell whether a number is random. What can be told: whose generator it is, that no draw is left to an
// even remainder, and that a generator which stands still would be seen.
#include <sodium.h>

#include <algorithm>
#include <array>
#include <string>

#include "core/bytes.hpp"
#include "crypto/aead.hpp"
#include "crypto/random.hpp"
#include "primitives/chosen_random.hpp"
#include "primitives/vectors.hpp"

namespace tokenvault {
namespace {

using test::Count;

TEST_CASE("libsodium is the one it was built for, and draws from the system") {
  MESSAGE("libsodium " << std::string(::sodium_version_string()));
  CHECK(std::string_view(::sodium_version_string()) == SODIUM_VERSION_STRING);
  crypto::random_below(2);
  CHECK(std::string_view(::randombytes_implementation_name()) == "sysrandom");
}

std::uint32_t below(std::uint32_t bound, std::initializer_list<std::uint32_t> words) {
  Writer drawn;
  for (const auto word : words) drawn.u32(word);
  const test::ChosenRandom random(drawn.view());
  return crypto::random_below(bound);
}

TEST_CASE("words that would make one remainder likelier are drawn again") {
  Count count("random_below: words at the border of what is drawn again");
  for (std::uint32_t bound = 2; bound < 1000; ++bound) {
    const auto border = static_cast<std::uint32_t>((std::uint64_t{1} << 32) % bound);
    count.add(below(bound, {border}) == border % bound, std::to_string(bound) + ": the first that counts");
    if (border == 0) continue;
    const bool again = below(bound, {border - 1, bound + border}) == (bound + border) % bound;
    count.add(again, std::to_string(bound) + ": the last that is drawn again");
  }
}

TEST_CASE("no nonce comes twice") {
  const std::uint32_t wanted = test::full_proof() ? 10'000'000 : 200'000;
  if (!test::full_proof()) test::left_out("9.8 of 10 million nonces");
  Count count("nonces of sealing that came before");
  const auto key = test::counting(32);
  std::vector<crypto::Nonce> nonces(wanted);
  std::array<std::byte, crypto::kTagSize> sealed{};
  for (auto& nonce : nonces) nonce = crypto::seal(key, {}, {}, sealed);
  std::sort(nonces.begin(), nonces.end());
  for (std::size_t i = 0; i < nonces.size(); ++i)
    count.add(i == 0 || nonces[i - 1] != nonces[i], to_hex(nonces[i]));
}

}  // namespace
}  // namespace tokenvault
