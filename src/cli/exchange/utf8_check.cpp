#include "utf8_check.hpp"

namespace tokenvault::cli {

bool Utf8Check::accept(int byte) noexcept {
  if (missing_ == 0) return begin(byte);
  if (byte < least_ || byte > most_) return false;
  --missing_;
  least_ = 0x80;
  most_ = 0xBF;
  return true;
}

/// The table of RFC 3629 section 4: which lead bytes there are, and what may follow at once.
bool Utf8Check::begin(int byte) noexcept {
  if (byte < 0x80) return true;
  if (byte < 0xC2 || byte > 0xF4) return false;
  missing_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
  if (byte == 0xE0) least_ = 0xA0;
  if (byte == 0xED) most_ = 0x9F;
  if (byte == 0xF0) least_ = 0x90;
  if (byte == 0xF4) most_ = 0x8F;
  return true;
}

}  // namespace tokenvault::cli
