#include "recipe/secret_text.hpp"

#include <algorithm>
#include <cstring>

#include "core/try.hpp"

namespace tokenvault::recipe {

namespace {

constexpr std::size_t kFirstSize = 256;

}  // namespace

Status SecretText::grow(std::size_t needed) {
  if (needed > kMaxSecretSize) {
    return Error(Errc::refused, "build the request: an address, header or body would be longer than 32 KiB");
  }
  if (needed <= bytes_.size()) return Ok{};
  const auto size = std::min(std::max({kFirstSize, needed, 2 * bytes_.size()}), kMaxSecretSize);
  TV_TRY(auto larger, SecretBuffer::allocate(size));
  std::ranges::copy(bytes_.expose(), larger.expose_writable().begin());
  bytes_ = std::move(larger);
  return Ok{};
}

Status SecretText::append(std::string_view text) {
  if (text.empty()) return Ok{};
  TV_CHECK(grow(size_ + text.size() + 1));
  std::memcpy(bytes_.expose_writable().data() + size_, text.data(), text.size());
  size_ += text.size();
  bytes_.expose_writable()[size_] = std::byte{0};
  return Ok{};
}

std::string_view SecretText::view() const noexcept { return text_of(bytes_).substr(0, size_); }

std::string_view text_of(const SecretBuffer& bytes) noexcept {
  const auto shown = bytes.expose();
  return {reinterpret_cast<const char*>(shown.data()), shown.size()};
}

}  // namespace tokenvault::recipe
