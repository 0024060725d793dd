#pragma once
#include "secret_text.hpp"

namespace tokenvault::cli {

/// Base64 that comes character by character, decoded in pieces, so that its text is never there as a whole.
class Base64Text {
 public:
  /// Errors: invalid_argument (not strict base64), refused (more than 32 KiB of bytes), out_of_memory.
  Status append(int byte);
  /// The bytes, once all of the text was appended. Errors: likewise.
  Result<SecretBuffer> take();

 private:
  Status decode();

  static constexpr std::size_t kPiece = 4096;  // characters, a multiple of 4
  SecretText piece_{kPiece};
  SecretText bytes_{kMaxSecretSize};
  bool padded_ = false;
};

}  // namespace tokenvault::cli
