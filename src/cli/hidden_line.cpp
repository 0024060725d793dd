#include "hidden_line.hpp"

#include <algorithm>

#include "try.hpp"

namespace tokenvault::cli {
namespace {

constexpr std::size_t kChunk = 256;
constexpr unsigned char kEndOfInput = 0x04;
constexpr unsigned char kBackspace = 0x08;
constexpr unsigned char kKillLine = 0x15;
constexpr unsigned char kEscape = 0x1B;
constexpr unsigned char kSpace = 0x20;
constexpr unsigned char kDelete = 0x7F;

}  // namespace

Result<std::span<std::byte>> HiddenLine::room() {
  if (chunk_.empty()) {
    TV_TRY(chunk_, SecretBuffer::allocate(kChunk));
  }
  return chunk_.expose_writable();
}

Status HiddenLine::accept(std::size_t count) {
  if (count == 0) return Error(Errc::no_key, "the terminal gave no input");
  for (const auto byte : chunk_.expose().first(count)) {
    if (complete_) break;
    TV_CHECK(accept_byte(std::to_integer<unsigned char>(byte)));
  }
  std::ranges::fill(chunk_.expose_writable(), std::byte{0});
  return Ok{};
}

Status HiddenLine::accept_byte(unsigned char byte) {
  if (in_escape(byte)) return Ok{};
  switch (byte) {
    case '\r':
    case '\n': complete_ = true; return Ok{};
    case kEndOfInput:
      if (size_ == 0) return Error(Errc::no_key, "the terminal gave no input");
      complete_ = true;
      return Ok{};
    case kBackspace:
    case kDelete: erase_character(); return Ok{};
    case kKillLine: size_ = 0; return Ok{};
    default: return append(byte);
  }
}

Status HiddenLine::append(unsigned char byte) {
  if (size_ == kMaxSecretSize) return Error(Errc::refused, "the line is longer than 32 KiB");
  if (size_ == line_.size()) {
    TV_TRY(auto larger, SecretBuffer::allocate(std::clamp(2 * size_, kChunk, kMaxSecretSize)));
    std::ranges::copy(line_.expose(), larger.expose_writable().begin());
    line_ = std::move(larger);
  }
  line_.expose_writable()[size_++] = std::byte{byte};
  return Ok{};
}

void HiddenLine::erase_character() noexcept {
  const auto bytes = line_.expose();
  while (size_ > 0 && (bytes[size_ - 1] & std::byte{0xC0}) == std::byte{0x80}) --size_;
  if (size_ > 0) --size_;
}

/// Arrow keys and paste marks are ESC [ ... letter or ~, or ESC O letter. A control character ends an
/// escape and counts: return after a lone ESC is still return.
bool HiddenLine::in_escape(unsigned char byte) noexcept {
  if (byte == kEscape) {
    escape_ = Escape::begun;
    return true;
  }
  if (escape_ == Escape::none) return false;
  if (byte < kSpace) {
    escape_ = Escape::none;
    return false;
  }
  const bool opens = escape_ == Escape::begun && (byte == '[' || byte == 'O');
  if (opens)
    escape_ = Escape::sequence;
  else if (escape_ == Escape::begun || (byte >= 0x40 && byte <= 0x7E))
    escape_ = Escape::none;
  return true;
}

Result<SecretBuffer> HiddenLine::take() && {
  if (size_ == 0) return Error(Errc::no_key, "nothing was typed");
  line_.truncate(size_);
  return std::move(line_);
}

}  // namespace tokenvault::cli
