#pragma once
#include <cstdint>
#include <string>

#include "recipe/credentials.hpp"
#include "recipe/request.hpp"
#include "recipe/secret_text.hpp"
#include "recipe/template.hpp"
#include "tokenvault/clock.hpp"

namespace tokenvault::recipe {

/// Where a text goes to, and so how the words in it are written.
enum class Encoding : std::uint8_t {
  address,  ///< percent-encoded but for the unreserved characters of RFC 3986
  header,   ///< as they are; control characters are refused
  json,     ///< escaped, inside the quotes
  plain,    ///< as they are
};

/// The values of the words for one request. Keeps references to `request` and `credentials`.
class Words {
 public:
  Words(const Request& request, const Credentials& credentials, Time now);

  /// Whether the word has a value now: {id}, {overlap}, {expires} and secrets may have none.
  [[nodiscard]] bool has(const Part& part) const;
  /// Appends `text` with its words filled in.
  /// Errors: refused (a word has no value, or one that cannot stand there), out_of_memory.
  Status fill(const Template& text, Encoding encoding, SecretText& into) const;

 private:
  [[nodiscard]] std::string_view value(const Part& part) const;
  [[nodiscard]] std::string_view secret(std::string_view name) const;
  [[nodiscard]] std::string_view setting(const std::string& name) const;

  const Request* request_;
  const Credentials* credentials_;
  std::string overlap_;
  std::string expires_;
  std::string expires_date_;
};

/// Appends `value` in that encoding. Errors: refused (it cannot stand there), out_of_memory.
Status append_encoded(SecretText& into, std::string_view value, Encoding encoding);

}  // namespace tokenvault::recipe
