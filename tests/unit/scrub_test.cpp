// What a scope that scrubs leaves behind. Here and not beside the cipher, since a sanitizer has a stack of its own.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "crypto/scrub.hpp"

namespace tokenvault {
namespace {

constexpr std::uint64_t kMark = 0x5ec2e75ec2e75ec2;
using Words = std::array<std::uint64_t, 256>;

std::ptrdiff_t marks_in(const auto& words) { return std::ranges::count(words, kMark); }

/// As a primitive would: the topmost words are left out, which whoever is called next writes over anyhow.
[[gnu::noinline]] void mark_stack() {
  Words below;
  std::fill(below.begin(), below.end() - 64, kMark);
  asm volatile("" : : "r"(below.data()) : "memory");
}

[[gnu::noinline]] void mark_stack_in_scope() {
  const crypto::ScrubScope scope;
  mark_stack();
}

/// How many marks lie where the callee before this one had its stack.
[[gnu::noinline]] std::ptrdiff_t marks_on_stack() {
  std::array<std::uint64_t, 320> below;
  asm volatile("" : "=m"(below));
  return marks_in(below);
}

TEST_CASE("after a scope no stack of what was called in it is left") {
  mark_stack();
  const auto unscrubbed = marks_on_stack();
  CHECK(unscrubbed > 100);  // or nothing could be seen
  mark_stack_in_scope();
  const auto left = marks_on_stack();
  CHECK(left == 0);
}

#if defined(__x86_64__)

// clang-format off
[[gnu::always_inline]] inline void mark_registers() {
  asm volatile(
      "movq %0,%%xmm0\n movq %0,%%xmm1\n movq %0,%%xmm2\n movq %0,%%xmm3\n movq %0,%%xmm4\n movq %0,%%xmm5\n"
      "movq %0,%%xmm6\n movq %0,%%xmm7\n movq %0,%%xmm8\n movq %0,%%xmm9\n movq %0,%%xmm10\n movq %0,%%xmm11\n"
      "movq %0,%%xmm12\n movq %0,%%xmm13\n movq %0,%%xmm14\n movq %0,%%xmm15\n"
      : : "r"(kMark) : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
      "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
}

[[gnu::always_inline]] inline void read_registers(std::array<std::uint64_t, 16>& into) {
  asm volatile(
      "movq %%xmm0,(%0)\n movq %%xmm1,8(%0)\n movq %%xmm2,16(%0)\n movq %%xmm3,24(%0)\n movq %%xmm4,32(%0)\n"
      "movq %%xmm5,40(%0)\n movq %%xmm6,48(%0)\n movq %%xmm7,56(%0)\n movq %%xmm8,64(%0)\n movq %%xmm9,72(%0)\n"
      "movq %%xmm10,80(%0)\n movq %%xmm11,88(%0)\n movq %%xmm12,96(%0)\n movq %%xmm13,104(%0)\n"
      "movq %%xmm14,112(%0)\n movq %%xmm15,120(%0)\n"
      : : "r"(into.data()) : "memory");
}
// clang-format on

TEST_CASE("after a scope no vector register holds what was worked on in it") {
  std::array<std::uint64_t, 16> seen{};
  mark_registers();
  read_registers(seen);
  CHECK(marks_in(seen) == 16);  // or nothing could be seen
  {
    const crypto::ScrubScope scope;
    mark_registers();
  }
  read_registers(seen);
  CHECK(marks_in(seen) == 0);
}

#endif

}  // namespace
}  // namespace tokenvault
