// What docs/proof.md counts, for tests in C++; tests/support/proof.py has the same words.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace tokenvault::test {

// Whether to go all the way, or to take the slice that an ordinary run has time for.
inline bool full_proof() {
  const char* depth = std::getenv("TOKENVAULT_PROOF");
  return depth != nullptr && std::string_view{depth} == "full";
}

// Only for what was done: a count that nobody made proves nothing.
inline void tried(std::string_view what, std::uint64_t count, std::uint64_t failures = 0) {
  std::printf("tried: %.*s: %llu tries, %llu failures\n", static_cast<int>(what.size()), what.data(),
              static_cast<unsigned long long>(count), static_cast<unsigned long long>(failures));
}

inline void left_out(std::string_view what) {
  std::printf("left out: %.*s\n", static_cast<int>(what.size()), what.data());
}

}  // namespace tokenvault::test
