#include "recipe/secret_text.hpp"

#include <algorithm>

#include "core/bytes.hpp"
#include "core/copy_secret.hpp"
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
  copy_secret(larger.expose_writable().data(), bytes_.expose().data(), size_);
  bytes_ = std::move(larger);
  return Ok{};
}

Status SecretText::append(std::string_view text) {
  if (text.empty()) return Ok{};
  TV_CHECK(grow(size_ + text.size() + 1));
  copy_secret(bytes_.expose_writable().data() + size_, as_bytes(text).data(), text.size());
  size_ += text.size();
  bytes_.expose_writable()[size_] = std::byte{0};
  return Ok{};
}

std::string_view SecretText::view() const noexcept { return text_of(bytes_).substr(0, size_); }

std::string_view text_of(const SecretBuffer& bytes) noexcept { return as_text(bytes.expose()); }

}  // namespace tokenvault::recipe
