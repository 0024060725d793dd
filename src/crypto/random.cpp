#include "crypto/random.hpp"

#include "crypto/sodium.hpp"

namespace tokenvault::crypto {

void random_fill(std::span<std::byte> out) noexcept {
  start_sodium();
  ::randombytes_buf(out.data(), out.size());
}

std::uint32_t random_below(std::uint32_t bound) noexcept {
  start_sodium();
  return ::randombytes_uniform(bound);
}

}  // namespace tokenvault::crypto
