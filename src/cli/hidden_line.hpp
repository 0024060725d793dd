#pragma once
#include <cstddef>
#include <span>

#include "tokenvault/secret.hpp"

namespace tokenvault::cli {

/// A line as it is typed or pasted, edited in secret memory: backspace, Ctrl-U, Ctrl-D, and the
/// marks of a bracketed paste left out.
class HiddenLine {
 public:
  /// Where the next bytes from the terminal go. Errors: out_of_memory.
  Result<std::span<std::byte>> room();
  /// `count` bytes arrived there. Errors: refused (longer than a token may be), no_key (end of input).
  Status accept(std::size_t count);
  [[nodiscard]] bool complete() const noexcept { return complete_; }
  /// The line without its end. Errors: no_key where it was never begun.
  Result<SecretBuffer> take() &&;

 private:
  Status accept_byte(unsigned char byte);
  Status append(unsigned char byte);
  void erase_character() noexcept;
  bool in_escape(unsigned char byte) noexcept;

  SecretBuffer line_;
  SecretBuffer chunk_;
  std::size_t size_ = 0;
  enum class Escape { none, begun, sequence } escape_ = Escape::none;
  bool complete_ = false;
};

}  // namespace tokenvault::cli
