// The system's generator replaced for a while, so that a function that draws its own nonce can be held to a vector.
#pragma once
#include <sodium.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace tokenvault::test {

class ChosenRandom {
 public:
  explicit ChosenRandom(std::span<const std::byte> bytes) {
    rest() = bytes;
    static randombytes_implementation ours = {name, word, nullptr, nullptr, fill, nullptr};
    ::randombytes_set_implementation(&ours);
  }
  ~ChosenRandom() { ::randombytes_set_implementation(&::randombytes_sysrandom_implementation); }
  ChosenRandom(const ChosenRandom&) = delete;
  ChosenRandom& operator=(const ChosenRandom&) = delete;

  /// How much of it nobody drew.
  [[nodiscard]] static std::size_t left() { return rest().size(); }

 private:
  static std::span<const std::byte>& rest() {
    static std::span<const std::byte> bytes;
    return bytes;
  }
  static const char* name() { return "chosen"; }
  static void fill(void* out, std::size_t size) {
    const auto drawn = rest().first(std::min(size, rest().size()));
    std::memset(out, 0, size);
    if (!drawn.empty()) std::memcpy(out, drawn.data(), drawn.size());
    rest() = rest().subspan(drawn.size());
  }
  static std::uint32_t word() {
    std::uint32_t drawn = 0;
    fill(&drawn, sizeof drawn);
    return drawn;
  }
};

}  // namespace tokenvault::test
