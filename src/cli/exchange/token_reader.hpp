#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tokenvault/vault.hpp"

namespace tokenvault::cli {

/// One token as a file gives it. Its name has not been checked.
struct FileToken {
  NewToken token;
  bool verbatim = false;  ///< the value was given in base64: any bytes are meant
};

/// Reads the tokens of one file in turn, each value straight into secret memory, in O(1) of it.
class TokenReader {
 public:
  virtual ~TokenReader() = default;
  /// Nothing at the end of a file that was good throughout. No error says what a line holds. Errors, which
  /// name their place: invalid_argument (malformed), refused (a value that is too long); io, no_key,
  /// out_of_memory.
  virtual Result<std::optional<FileToken>> next() = 0;
  /// Where the token that next() gave last begins, such as "line 7".
  [[nodiscard]] virtual std::string place() const = 0;
};

// Each over a descriptor that stays the caller's, from where it stands.
[[nodiscard]] std::unique_ptr<TokenReader> read_json(int fd);
[[nodiscard]] std::unique_ptr<TokenReader> read_dotenv(int fd);
[[nodiscard]] std::unique_ptr<TokenReader> read_tsv(int fd);

/// The current versions of all tokens of `vault`, with expiry and label. Errors of next(): also those of
/// Vault::get.
[[nodiscard]] Result<std::unique_ptr<TokenReader>> read_vault(Vault vault);

}  // namespace tokenvault::cli
