#include "secret_text.hpp"

#include <algorithm>
#include <utility>

#include "../try.hpp"

namespace tokenvault::cli {
namespace {

constexpr std::size_t kFirstSize = 512;

}  // namespace

Status SecretText::append(int byte) {
  if (full()) return Error(Errc::refused, "the text is too long");
  if (size_ == bytes_.size()) TV_CHECK(enlarge());
  bytes_.expose_writable()[size_++] = static_cast<std::byte>(byte);
  return Ok{};
}

/// Four times as large each time: the last old and new piece then fit into locked memory side by side.
Status SecretText::enlarge() {
  const auto size = std::min(std::max(4 * bytes_.size(), kFirstSize), limit_);
  TV_TRY(auto larger, SecretBuffer::allocate(size));
  std::ranges::copy(bytes_.expose().first(size_), larger.expose_writable().begin());
  bytes_ = std::move(larger);
  return Ok{};
}

int SecretText::back() const noexcept {
  return size_ == 0 ? -1 : std::to_integer<int>(bytes_.expose()[size_ - 1]);
}

std::string_view SecretText::view() const noexcept {
  const auto bytes = bytes_.expose().first(size_);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

SecretBuffer SecretText::take() noexcept {
  auto bytes = std::exchange(bytes_, {});
  bytes.truncate(std::exchange(size_, 0));
  return bytes;
}

}  // namespace tokenvault::cli
