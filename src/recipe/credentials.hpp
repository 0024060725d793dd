#pragma once
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "tokenvault/secret.hpp"

namespace tokenvault::recipe {

struct SecretSize {
  std::string name;
  std::size_t size = 0;  ///< bytes
};

/// The secrets of one request, by name.
class Credentials {
 public:
  /// Reads them from `fd`, one after the other, and wants its end after the last.
  /// Errors: refused (fewer or more bytes than `sizes` say, or one name twice), io, out_of_memory.
  static Result<Credentials> read_from(int fd, std::span<const SecretSize> sizes);

  /// Null where there is none of this name.
  [[nodiscard]] const SecretBuffer* find(std::string_view name) const;

 private:
  std::map<std::string, SecretBuffer, std::less<>> secrets_;
};

}  // namespace tokenvault::recipe
