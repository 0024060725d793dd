#include "crypto/scrub.hpp"

#include <array>

#include "core/mutant.hpp"
#include "crypto/sodium.hpp"

// The header is C: clang does not take its _Bool.
#if defined(__x86_64__) && __has_include(<sys/platform/x86.h>) && !defined(__clang__)
#include <sys/platform/x86.h>
#define TV_ASK_GLIBC 1
#endif

namespace tokenvault::crypto {
namespace {

// libsodium 1.0.18 dirties at most 3.2 KiB below its caller; Argon2id, which reaches deeper, and
// X25519 clean up after themselves (painted stack, all primitives).
constexpr std::size_t kDepth = 4 * 1024;

[[gnu::noinline]] void zero_stack() noexcept {
  std::array<std::byte, kDepth> below;
  below.fill(std::byte{0});
  asm volatile("" : : "r"(below.data()) : "memory");
}

// clang-format off
#if defined(__x86_64__)
// vzeroall leaves zmm16 to zmm31, where glibc's memcpy works on machines that have them. They belong
// to no caller by the ABI, so nothing needs to be declared.
[[gnu::noinline]] void zero_wide_registers() noexcept {
  asm volatile(
      "vpxord %zmm16,%zmm16,%zmm16\n vpxord %zmm17,%zmm17,%zmm17\n vpxord %zmm18,%zmm18,%zmm18\n"
      "vpxord %zmm19,%zmm19,%zmm19\n vpxord %zmm20,%zmm20,%zmm20\n vpxord %zmm21,%zmm21,%zmm21\n"
      "vpxord %zmm22,%zmm22,%zmm22\n vpxord %zmm23,%zmm23,%zmm23\n vpxord %zmm24,%zmm24,%zmm24\n"
      "vpxord %zmm25,%zmm25,%zmm25\n vpxord %zmm26,%zmm26,%zmm26\n vpxord %zmm27,%zmm27,%zmm27\n"
      "vpxord %zmm28,%zmm28,%zmm28\n vpxord %zmm29,%zmm29,%zmm29\n vpxord %zmm30,%zmm30,%zmm30\n"
      "vpxord %zmm31,%zmm31,%zmm31\n");
}

// glibc 2.33 and later tells what it found at start. The compiler's own test asks the processor again
// in every process, and in a virtual machine each question is an exit to its host: a tenth of a
// millisecond, which a one-shot `get` would feel.
#if defined(TV_ASK_GLIBC)
bool has_avx() noexcept { return CPU_FEATURE_ACTIVE(AVX); }
bool has_avx512() noexcept { return CPU_FEATURE_ACTIVE(AVX512F); }
#else
bool has_avx() noexcept { return __builtin_cpu_supports("avx") != 0; }
bool has_avx512() noexcept { return __builtin_cpu_supports("avx512f") != 0; }
#endif

[[gnu::noinline]] void zero_registers() noexcept {
  if (has_avx512()) zero_wide_registers();
  if (has_avx()) {
    asm volatile("vzeroall" : : : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
                 "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
    return;
  }
  asm volatile(
      "pxor %%xmm0,%%xmm0\n pxor %%xmm1,%%xmm1\n pxor %%xmm2,%%xmm2\n pxor %%xmm3,%%xmm3\n pxor %%xmm4,%%xmm4\n"
      "pxor %%xmm5,%%xmm5\n pxor %%xmm6,%%xmm6\n pxor %%xmm7,%%xmm7\n pxor %%xmm8,%%xmm8\n pxor %%xmm9,%%xmm9\n"
      "pxor %%xmm10,%%xmm10\n pxor %%xmm11,%%xmm11\n pxor %%xmm12,%%xmm12\n pxor %%xmm13,%%xmm13\n"
      "pxor %%xmm14,%%xmm14\n pxor %%xmm15,%%xmm15\n"
      : : : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",
      "xmm13", "xmm14", "xmm15");
}
#elif defined(__aarch64__)
[[gnu::noinline]] void zero_registers() noexcept {
  asm volatile(
      "movi v0.2d,#0\n movi v1.2d,#0\n movi v2.2d,#0\n movi v3.2d,#0\n movi v4.2d,#0\n movi v5.2d,#0\n"
      "movi v6.2d,#0\n movi v7.2d,#0\n movi v16.2d,#0\n movi v17.2d,#0\n movi v18.2d,#0\n movi v19.2d,#0\n"
      "movi v20.2d,#0\n movi v21.2d,#0\n movi v22.2d,#0\n movi v23.2d,#0\n movi v24.2d,#0\n movi v25.2d,#0\n"
      "movi v26.2d,#0\n movi v27.2d,#0\n movi v28.2d,#0\n movi v29.2d,#0\n movi v30.2d,#0\n movi v31.2d,#0\n"
      : : : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23",
      "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31");
}
#else
void zero_registers() noexcept {}
#endif
// clang-format on

}  // namespace

/// The registers first: where calls are bound lazily, the first of each kind here saves them onto the stack.
ScrubScope::~ScrubScope() {
  if (!mutated("scrub.registers")) zero_registers();
  if (!mutated("scrub.stack")) zero_stack();
}

void wipe(std::span<std::byte> bytes) noexcept {
  if (!mutated("scrub.wipe")) ::sodium_memzero(bytes.data(), bytes.size());
}

}  // namespace tokenvault::crypto
