#pragma once

namespace tokenvault::cli {

/// Looks at UTF-8 (RFC 3629: shortest forms, no surrogates) byte by byte.
class Utf8Check {
 public:
  /// Whether `byte` can come next.
  [[nodiscard]] bool accept(int byte) noexcept;
  /// Whether the bytes so far end with a whole character.
  [[nodiscard]] bool complete() const noexcept { return missing_ == 0; }

 private:
  bool begin(int byte) noexcept;

  int missing_ = 0;
  int least_ = 0x80;  // of the next byte
  int most_ = 0xBF;
};

}  // namespace tokenvault::cli
