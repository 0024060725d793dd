#pragma once
#include <string_view>

#include "tokenvault/secret.hpp"

namespace tokenvault::recipe {

/// Text in secret memory that grows at its end: an address, a header or a body that may hold a token.
class SecretText {
 public:
  /// Errors: refused (longer than a secret may be), out_of_memory; the text is then as it was.
  Status append(std::string_view text);
  /// Valid until the next append, and ended by a NUL that it does not count.
  [[nodiscard]] std::string_view view() const noexcept;
  [[nodiscard]] const char* c_str() const noexcept { return size_ == 0 ? "" : view().data(); }

 private:
  Status grow(std::size_t needed);
  SecretBuffer bytes_;
  std::size_t size_ = 0;
};

/// The bytes as text, valid as long as they are.
[[nodiscard]] std::string_view text_of(const SecretBuffer& bytes) noexcept;

}  // namespace tokenvault::recipe
