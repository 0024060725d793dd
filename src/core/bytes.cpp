#include "core/bytes.hpp"

#include "core/mutant.hpp"

namespace tokenvault {

Unpadded unpad(std::span<const std::byte> padded, std::size_t block) noexcept {
  std::size_t end = padded.size();
  while (end > 0 && padded[end - 1] == std::byte{0}) --end;
  const bool ok = end > 0 && (mutated("pad.mark") || padded[end - 1] == std::byte{0x80}) &&
                  (mutated("pad.one_block") || padded.size() - end < block) &&
                  (mutated("pad.whole_blocks") || padded.size() % block == 0);
  if (!ok) return {};
  return {padded.first(end - 1), true};
}

}  // namespace tokenvault
