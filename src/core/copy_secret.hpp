#pragma once
#include <cstddef>
#include <cstdint>

namespace tokenvault {

/// memcpy for secrets, word by word through one general register that is cleared at the end: libc's
/// copies and the compiler's vectorised ones leave whole tokens behind in vector registers, from
/// where a signal or lazy binding spills them onto the stack. The ranges must not overlap.
inline void copy_secret(std::byte* to, const std::byte* from, std::size_t size) noexcept {
  std::uint64_t word = 0;
  for (; size >= sizeof word; size -= sizeof word, to += sizeof word, from += sizeof word) {
    __builtin_memcpy(&word, from, sizeof word);
    __asm__ volatile("" : "+r"(word));  // keeps the loop from becoming memcpy or vector code
    __builtin_memcpy(to, &word, sizeof word);
  }
  for (; size > 0; --size, ++to, ++from) {
    word = static_cast<std::uint64_t>(*from);
    __asm__ volatile("" : "+r"(word));
    *to = static_cast<std::byte>(word);
  }
  word = 0;
  __asm__ volatile("" : "+r"(word));
}

}  // namespace tokenvault
