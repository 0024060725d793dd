#pragma once
#include <functional>
#include <string>

#include "secret_text.hpp"
#include "text_source.hpp"

namespace tokenvault::cli {

/// The grammar of JSON (RFC 8259, strict), one piece at a time, over a text that holds secrets. Whoever calls
/// says what comes next; what does not is invalid_argument, at the place that `place` gives.
class JsonText {
 public:
  /// Takes one byte of a string that is being decoded.
  using Sink = std::function<Status(int byte)>;

  JsonText(int fd, std::function<std::string()> place) : source_(fd), place_(std::move(place)) {}
  JsonText(SecretBuffer text, std::function<std::string()> place)
      : source_(std::move(text)), place_(std::move(place)) {}

  /// Skips white space, then takes `wanted`.
  Status expect(char wanted, std::string_view fault);
  /// Skips white space, and says whether `byte` comes next.
  [[nodiscard]] bool comes(char byte);
  /// Within an array or object, before its first or a further element: whether there is one. Takes the comma
  /// before it, and the bracket where there is none.
  Result<bool> element(bool first, char closing);
  /// A string: its bytes, escapes decoded, UTF-8 throughout.
  Status string(const Sink& sink);
  /// The name of a member and the colon; one that is longer than `name` holds is as good as empty.
  Status key(SecretText& name);
  /// Any value, nested at most 32 deep.
  Status skip(int depth = 0);
  /// Nothing but white space up to the end.
  Status end();

  [[nodiscard]] Error fault(std::string_view what) const { return source_.fault(place_(), what); }
  [[nodiscard]] TextSource& source() noexcept { return source_; }

 private:
  void skip_space();
  Result<char32_t> escape();
  Result<char32_t> unicode_escape();
  Result<char32_t> four_digits();
  Status skip_members(int depth);
  Status skip_elements(int depth);
  Status skip_word();
  Status skip_number();
  bool skip_digits();

  TextSource source_;
  std::function<std::string()> place_;
};

}  // namespace tokenvault::cli
