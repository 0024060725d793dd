#pragma once
#include <string_view>

#include "descriptor.hpp"
#include "tokenvault/secret.hpp"

namespace tokenvault::cli {

/// The controlling terminal, whatever stdin and stdout are.
class Terminal {
 public:
  /// Errors: no_key where there is no terminal or `allowed` is false.
  static Result<Terminal> open(bool allowed);

  /// One line typed without echo, straight into secret memory, of any length a token may have.
  /// Signals that end or stop the process find the terminal as it was. Errors: no_key (end of
  /// input), refused (too long), io.
  Result<SecretBuffer> ask_hidden(std::string_view prompt) const;
  /// The same, typed twice. Errors: also refused where the two differ.
  Result<SecretBuffer> ask_new(std::string_view prompt) const;
  /// True for y or Y; Enter means `otherwise`, and the end of input means no. Errors: io.
  Result<bool> confirm(std::string_view question, bool otherwise) const;

  Status show(std::string_view text) const;
  Status show(const SecretBuffer& secret) const;

 private:
  Result<SecretBuffer> ask(std::string_view prompt) const;
  explicit Terminal(Descriptor tty) noexcept : tty_(std::move(tty)) {}
  Descriptor tty_;
};

}  // namespace tokenvault::cli
