#include "crypto/random.hpp"

#include "crypto/sodium.hpp"

namespace tokenvault::crypto {

void random_fill(std::span<std::byte> out) noexcept {
  start_sodium();
  ::randombytes_buf(out.data(), out.size());
}

}  // namespace tokenvault::crypto
