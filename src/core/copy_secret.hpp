#pragma once
#include <cstddef>
#include <cstdint>

namespace tokenvault {

/// One word or byte from memory to memory, through a register that is clear afterwards. Written for
/// the processor: between two statements a compiler may keep the value in any other register too,
/// from where lazy binding saves it onto the stack.
#if defined(__x86_64__)
inline void move_word(std::byte* to, const std::byte* from) noexcept {
  std::uint64_t word;
  __asm__ volatile("movq (%2), %0\n movq %0, (%1)\n xorl %k0, %k0"
                   : "=&r"(word)
                   : "r"(to), "r"(from)
                   : "memory", "cc");
}
inline void move_byte(std::byte* to, const std::byte* from) noexcept {
  std::uint64_t word;
  __asm__ volatile("movb (%2), %b0\n movb %b0, (%1)\n xorl %k0, %k0"
                   : "=&r"(word)
                   : "r"(to), "r"(from)
                   : "memory", "cc");
}
#elif defined(__aarch64__)
inline void move_word(std::byte* to, const std::byte* from) noexcept {
  std::uint64_t word;
  __asm__ volatile("ldr %0, [%2]\n str %0, [%1]\n mov %0, xzr" : "=&r"(word) : "r"(to), "r"(from) : "memory");
}
inline void move_byte(std::byte* to, const std::byte* from) noexcept {
  std::uint64_t word;
  __asm__ volatile("ldrb %w0, [%2]\n strb %w0, [%1]\n mov %0, xzr"
                   : "=&r"(word)
                   : "r"(to), "r"(from)
                   : "memory");
}
#else
inline void move_byte(std::byte* to, const std::byte* from) noexcept {
  *static_cast<volatile std::byte*>(to) = *static_cast<const volatile std::byte*>(from);
}
inline void move_word(std::byte* to, const std::byte* from) noexcept {
  for (std::size_t i = 0; i < sizeof(std::uint64_t); ++i) move_byte(to + i, from + i);
}
#endif

/// memcpy for secrets: libc's copies and the compiler's vectorised ones leave whole tokens behind in
/// vector registers. The ranges must not overlap.
inline void copy_secret(std::byte* to, const std::byte* from, std::size_t size) noexcept {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  for (; size >= kWord; size -= kWord, to += kWord, from += kWord) move_word(to, from);
  for (; size > 0; --size, ++to, ++from) move_byte(to, from);
}

}  // namespace tokenvault
