#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace tokenvault {

inline std::span<const std::byte> as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

inline std::string_view as_text(std::span<const std::byte> bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Appends little-endian integers and raw bytes.
class Writer {
 public:
  void reserve(std::size_t size) { out_.reserve(size); }
  void u8(std::uint8_t v) { out_.push_back(std::byte{v}); }
  void u16(std::uint16_t v) { integer(v); }
  void u32(std::uint32_t v) { integer(v); }
  void u64(std::uint64_t v) { integer(v); }
  void raw(std::span<const std::byte> bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }
  void text(std::string_view text) { raw(as_bytes(text)); }

  /// 0x80, then zeros up to a multiple of `block`.
  void pad(std::size_t block) {
    out_.push_back(std::byte{0x80});
    out_.resize((out_.size() + block - 1) / block * block);
  }

  [[nodiscard]] std::size_t size() const noexcept { return out_.size(); }
  [[nodiscard]] std::span<const std::byte> view() const noexcept { return out_; }
  [[nodiscard]] std::span<std::byte> writable() noexcept { return out_; }
  [[nodiscard]] std::vector<std::byte> take() noexcept { return std::move(out_); }

 private:
  template <typename T>
  void integer(T v) {
    for (std::size_t i = 0; i < sizeof(T); ++i) out_.push_back(static_cast<std::byte>(v >> (8 * i)));
  }
  std::vector<std::byte> out_;
};

/// Reads what Writer wrote, never past the end: the first short read makes it fail for good, every
/// later one gives zeros, so a parser asks once, where it matters.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) noexcept : all_(bytes), rest_(bytes) {}

  std::span<const std::byte> take(std::size_t n) noexcept {
    if (n > rest_.size()) {
      failed_ = true;
      rest_ = {};
      return {};
    }
    auto taken = rest_.first(n);
    rest_ = rest_.subspan(n);
    return taken;
  }
  std::uint8_t u8() noexcept { return integer<std::uint8_t>(); }
  std::uint16_t u16() noexcept { return integer<std::uint16_t>(); }
  std::uint32_t u32() noexcept { return integer<std::uint32_t>(); }
  std::uint64_t u64() noexcept { return integer<std::uint64_t>(); }

  template <std::size_t N>
  std::array<std::byte, N> array() noexcept {
    std::array<std::byte, N> value{};
    auto bytes = take(N);
    std::copy(bytes.begin(), bytes.end(), value.begin());
    return value;
  }

  [[nodiscard]] bool failed() const noexcept { return failed_; }
  [[nodiscard]] bool done() const noexcept { return !failed_ && rest_.empty(); }
  [[nodiscard]] std::size_t offset() const noexcept { return all_.size() - rest_.size(); }
  [[nodiscard]] std::span<const std::byte> rest() const noexcept { return rest_; }

 private:
  template <typename T>
  T integer() noexcept {
    auto bytes = take(sizeof(T));
    std::uint64_t v = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i)
      v |= std::uint64_t{std::to_integer<std::uint8_t>(bytes[i])} << (8 * i);
    return static_cast<T>(v);
  }
  std::span<const std::byte> all_, rest_;
  bool failed_ = false;
};

/// As Writer, for at most N bytes known to fit: associated data, without the heap.
template <std::size_t N>
class FixedWriter {
 public:
  FixedWriter& u8(std::uint8_t v) noexcept { return integer(v); }
  FixedWriter& u32(std::uint32_t v) noexcept { return integer(v); }
  FixedWriter& raw(std::span<const std::byte> bytes) noexcept {
    const std::size_t n = std::min(bytes.size(), N - size_);
    std::copy_n(bytes.begin(), n, out_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += n;
    return *this;
  }
  [[nodiscard]] std::span<const std::byte> view() const noexcept { return {out_.data(), size_}; }

 private:
  template <typename T>
  FixedWriter& integer(T v) noexcept {
    for (std::size_t i = 0; i < sizeof(T) && size_ < N; ++i)
      out_[size_++] = static_cast<std::byte>(v >> (8 * i));
    return *this;
  }
  std::array<std::byte, N> out_;
  std::size_t size_ = 0;
};

/// The bytes before the padding that Writer::pad(block) appended; `ok` false when there is none.
struct Unpadded {
  std::span<const std::byte> bytes;
  bool ok = false;
};
Unpadded unpad(std::span<const std::byte> padded, std::size_t block) noexcept;

}  // namespace tokenvault
