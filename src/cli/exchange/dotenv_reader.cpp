// The .env files of npm's dotenv: NAME=value or NAME: value a line, `export` before it, comments, and single,
// double and backtick quotes, within which a value may have several lines; \n and \r stand for line ends in
// double quotes, and nothing else is expanded. Where readers of such files differ, or npm's would take a value
// apart from what it looks like, the line is a fault instead. CRLF ends a line as LF does, also within quotes;
// a byte order mark at the start is left out.
#include <fmt/format.h>

#include "../try.hpp"
#include "secret_text.hpp"
#include "text_source.hpp"
#include "token_reader.hpp"
#include "utf8_check.hpp"

namespace tokenvault::cli {
namespace {

constexpr auto kEnd = TextSource::kEnd;
constexpr std::uint64_t kMostBetweenTokens = 1024 * 1024;  // bytes of comments and empty lines

constexpr std::string_view kLoneReturn = "a carriage return within the line";

bool is_blank(int byte) { return byte == ' ' || byte == '\t'; }
bool is_line_end(int byte) { return byte == '\n' || byte == kEnd; }
bool is_quote(int byte) { return byte == '\'' || byte == '"' || byte == '`'; }
bool is_name_byte(int byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
         byte == '_' || byte == '.' || byte == '-';
}

class DotenvReader final : public TokenReader {
 public:
  explicit DotenvReader(int fd) noexcept : source_(fd) {}

  Result<std::optional<FileToken>> next() override {
    source_.allow(kMostBetweenTokens);
    TV_CHECK(skip_to_token());
    if (source_.peek() == kEnd) {
      TV_CHECK(source_.status());
      return std::optional<FileToken>();
    }
    line_ = source_.line();
    FileToken found;
    TV_TRY(found.token.name, name());
    TV_CHECK(separator());
    skip_blanks();
    const bool quoted = is_quote(source_.peek());
    TV_TRY(found.token.value, quoted ? quoted_value(source_.take()) : plain_value());
    return std::optional(std::move(found));
  }

  std::string place() const override { return fmt::format("line {}", line_); }

 private:
  Error fault(std::string_view what) const { return source_.fault(place(), what); }

  void skip_blanks() {
    while (is_blank(source_.peek())) source_.take();
  }

  /// A comment, or nothing, up to the end of the line.
  Status skip_comment() {
    const auto line = source_.line();
    for (int byte = source_.take(); !is_line_end(byte); byte = source_.take())
      if (byte == '\r') return source_.fault(fmt::format("line {}", line), kLoneReturn);
    return source_.status();
  }

  Status skip_to_token() {
    for (;;) {
      skip_blanks();
      if (source_.peek() != '#' && source_.peek() != '\n') return Ok{};
      TV_CHECK(skip_comment());
    }
  }

  /// In secret memory until there is a separator: a line without one may well be a value.
  Status word(SecretText& text) {
    text.clear();
    for (; is_name_byte(source_.peek()); source_.take()) {
      if (text.full()) return fault("a name is at most 255 bytes");
      TV_CHECK(text.append(source_.peek()));
    }
    return text.size() > 0 ? Status(Ok{}) : fault("a line is NAME=value, a comment, or empty");
  }

  Result<std::string> name() {
    SecretText text(kMaxNameSize);
    TV_CHECK(word(text));
    if (text.view() == "export" && is_blank(source_.peek())) {
      skip_blanks();
      // `export = x` gives a value to a variable of that name.
      if (source_.peek() != '=') TV_CHECK(word(text));
    }
    const bool blanks = is_blank(source_.peek());
    skip_blanks();
    const int after = source_.peek();
    if (after != '=' && (after != ':' || blanks)) return fault("there is no = after the name");
    return std::string(text.view());
  }

  Status separator() {
    if (source_.take() == '=' || is_blank(source_.peek())) return Ok{};
    return fault("a : after the name needs a space behind it");
  }

  Status keep(SecretText& text, int byte) const {
    if (text.full()) return Error(Errc::refused, place() + ": the value is longer than 32 KiB");
    return text.append(byte);
  }

  Result<SecretBuffer> plain_value() {
    SecretText text(kMaxSecretSize);
    for (; !is_line_end(source_.peek()) && source_.peek() != '#'; source_.take()) {
      const int byte = source_.peek();
      if (byte == '\r') return fault(kLoneReturn);
      if (!is_blank(byte) && (byte <= ' ' || byte > '~'))
        return Error(Errc::refused,
                     place() + ": a value with control or non-ASCII bytes has to be in quotes");
      TV_CHECK(keep(text, byte));
    }
    if (source_.peek() == '#' && text.size() > 0 && !is_blank(text.back()))
      return fault("a # right behind the value: quote the value, or put a space before the comment");
    TV_CHECK(skip_comment());
    while (is_blank(text.back())) text.shorten_by(1);
    return text.take();
  }

  Result<SecretBuffer> quoted_value(int quote) {
    SecretText text(kMaxSecretSize);
    Utf8Check characters;
    for (int byte = source_.take(); byte != quote; byte = source_.take()) {
      if (byte == kEnd) return fault("the quote is not closed");
      if (byte == '\r') return fault("a carriage return within the quotes: in double quotes write \\r");
      if (!characters.accept(byte)) return fault("the value is not UTF-8");
      if (byte == '\\') byte = unescape(quote);
      if (byte == '\\' && source_.peek() == quote)
        return fault("a backslash before the quote, which programs read differently: use other quotes");
      TV_CHECK(keep(text, byte));
    }
    if (!characters.complete()) return fault("the value is not UTF-8");
    TV_CHECK(rest_of_line());
    return text.take();
  }

  /// What a backslash that was taken comes to, with the letter after it where the two are one.
  int unescape(int quote) {
    const int next = source_.peek();
    if (quote != '"' || (next != 'n' && next != 'r')) return '\\';
    source_.take();
    return next == 'n' ? '\n' : '\r';
  }

  Status rest_of_line() {
    skip_blanks();
    if (source_.peek() != '#' && !is_line_end(source_.peek()))
      return fault("something follows the closing quote");
    return skip_comment();
  }

  TextSource source_;
  std::uint64_t line_ = 1;
};

}  // namespace

std::unique_ptr<TokenReader> read_dotenv(int fd) { return std::make_unique<DotenvReader>(fd); }

}  // namespace tokenvault::cli
