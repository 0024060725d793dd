// Lines of a name, a tab and a value; what follows the first tab is the value. No quotes, no comments, no
// empty lines. CRLF ends a line as LF does, and a byte order mark at the start is left out.
#include <fmt/format.h>

#include "../try.hpp"
#include "secret_text.hpp"
#include "text_source.hpp"
#include "token_reader.hpp"

namespace tokenvault::cli {
namespace {

class TsvReader final : public TokenReader {
 public:
  explicit TsvReader(int fd) noexcept : source_(fd) {}

  Result<std::optional<FileToken>> next() override {
    if (source_.peek() == TextSource::kEnd) {
      TV_CHECK(source_.status());
      return std::optional<FileToken>();
    }
    line_ = source_.line();
    FileToken found;
    TV_TRY(found.token.name, name());
    TV_TRY(found.token.value, value());
    return std::optional(std::move(found));
  }

  std::string place() const override { return fmt::format("line {}", line_); }

 private:
  static constexpr auto kEnd = TextSource::kEnd;

  Error fault(std::string_view what) const { return source_.fault(place(), what); }

  /// In secret memory until there is a tab: a line without one may well be a value.
  Result<std::string> name() {
    SecretText text(kMaxNameSize);
    for (int byte = source_.take(); byte != '\t'; byte = source_.take()) {
      if (byte == kEnd || byte == '\n') return fault("there is no tab between name and value");
      if (text.full()) return fault("no tab follows within 255 bytes, the most that a name has");
      TV_CHECK(text.append(byte));
    }
    return std::string(text.view());
  }

  Result<SecretBuffer> value() {
    SecretText text(kMaxSecretSize);
    for (int byte = source_.take(); byte != '\n' && byte != kEnd; byte = source_.take()) {
      if (text.full()) return Error(Errc::refused, place() + ": the value is longer than 32 KiB");
      TV_CHECK(text.append(byte));
    }
    TV_CHECK(source_.status());
    return text.take();
  }

  TextSource source_;
  std::uint64_t line_ = 1;
};

}  // namespace

std::unique_ptr<TokenReader> read_tsv(int fd) { return std::make_unique<TsvReader>(fd); }

}  // namespace tokenvault::cli
