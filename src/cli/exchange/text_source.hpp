#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tokenvault/secret.hpp"

namespace tokenvault::cli {

/// The bytes of a text that holds secrets, one after another, from a descriptor that stays the caller's.
/// They pass through 4 KiB of secret memory, however long the text is. A UTF-8 byte order mark at the
/// start is left out, and CRLF reads as LF.
class TextSource {
 public:
  static constexpr int kEnd = -1;

  explicit TextSource(int fd) noexcept : fd_(fd) {}
  /// The text itself in place of a descriptor.
  explicit TextSource(SecretBuffer text) noexcept
      : fd_(-1), window_(std::move(text)), end_(window_.size()), ended_(true) {}
  TextSource(const TextSource&) = delete;
  TextSource& operator=(const TextSource&) = delete;

  /// The next byte, or kEnd: at the end, after a failed read, and where allow() stopped it.
  [[nodiscard]] int peek();
  /// The same, and moves on.
  int take();
  /// The text may go on for so many bytes from here until the next call; more is a fault. That bounds
  /// what is read without being kept: comments, white space, members that nobody knows.
  void allow(std::uint64_t bytes) noexcept { allowed_ = offset_ + bytes; }

  /// From 1, of the byte that peek() gives.
  [[nodiscard]] std::uint64_t line() const noexcept { return line_; }
  /// What is wrong at `place`: invalid_argument, unless a failed read or allow() explains it.
  [[nodiscard]] Error fault(std::string_view place, std::string_view what) const;
  /// Whether kEnd is the end of the text. Errors: io, no_key (not open for reading), out_of_memory,
  /// invalid_argument (more than was allowed).
  [[nodiscard]] Status status() const;

 private:
  void begin();
  void open_window();
  bool fill(std::size_t wanted);
  void read_more();

  int fd_;
  SecretBuffer window_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t offset_ = 0;
  std::uint64_t allowed_ = UINT64_MAX;
  std::uint64_t line_ = 1;
  bool begun_ = false;
  bool ended_ = false;
  bool exceeded_ = false;
  std::optional<Error> failure_;
};

}  // namespace tokenvault::cli
