#pragma once
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace tokenvault::test {

/// What was asked of libsodium: that is what time goes by, and it can be counted.
struct SodiumCalls {
  std::uint64_t seals = 0, opens = 0, hashes = 0, multiplications = 0;
  std::vector<std::size_t> comparisons;                          ///< sizes, of sodium_memcmp
  std::vector<std::pair<std::uint64_t, std::size_t>> stretches;  ///< passes and bytes, of Argon2id
  bool operator==(const SodiumCalls&) const = default;
};

/// Those since the last take_sodium_calls(). One thread at a time.
SodiumCalls take_sodium_calls();

/// Whether Argon2id is itself, or a hash of all that it is given: as good where calls are counted, and a thousand
/// of them take no time.
void use_real_argon2(bool real);

}  // namespace tokenvault::test
