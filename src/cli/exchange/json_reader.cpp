// {"tokens":[{"name":"a/b","value":"..."},...]}, with "value_b64" in place of "value" for any bytes and an
// optional "expires" of RFC 3339 or null. Members that are not known are skipped. A byte order mark at the
// start is left out, and CRLF is white space as LF is.
#include <fmt/format.h>

#include "../time_text.hpp"
#include "../try.hpp"
#include "base64_text.hpp"
#include "json_text.hpp"
#include "secret_text.hpp"
#include "token_reader.hpp"

namespace tokenvault::cli {
namespace {

constexpr std::uint64_t kMostPerToken = 1024 * 1024;  // bytes, what is skipped included
constexpr std::size_t kLongestKey = 16;               // above those that are known
constexpr std::size_t kLongestTime = 64;

/// What JsonText says of strings that its callers put limits to.
bool is_too_long(const Status& status) { return !status && status.error().code() == Errc::refused; }

class JsonReader final : public TokenReader {
 public:
  explicit JsonReader(int fd) : text_(fd, [this] { return here(); }) {}

  Result<std::optional<FileToken>> next() override {
    source().allow(kMostPerToken);
    if (ordinal_ == 0) TV_CHECK(open());
    TV_TRY(const bool more, text_.element(ordinal_ == 0, ']'));
    if (!more) {
      in_tokens_ = false;
      TV_CHECK(close());
      return std::optional<FileToken>();
    }
    ++ordinal_;
    TV_CHECK(text_.expect('{', "a token is an object"));
    line_ = source().line();
    seen_ = {};
    FileToken found;
    TV_CHECK(members(found));
    return std::optional(std::move(found));
  }

  std::string place() const override { return place(line_); }

 private:
  struct Seen {
    bool name = false;
    bool value = false;
    bool expires = false;
  };

  TextSource& source() noexcept { return text_.source(); }

  std::string place(std::uint64_t line) const {
    return in_tokens_ && ordinal_ > 0 ? fmt::format("token {} in line {}", ordinal_, line)
                                      : fmt::format("line {}", line);
  }
  std::string here() { return place(source().line()); }

  /// Up to the first token.
  Status open() {
    TV_CHECK(text_.expect('{', "the document is an object"));
    for (bool first = true;; first = false) {
      TV_TRY(const bool more, text_.element(first, '}'));
      if (!more) return text_.fault("there is no member \"tokens\"");
      TV_CHECK(key());
      if (key_.view() == "tokens") break;
      TV_CHECK(text_.skip());
    }
    in_tokens_ = true;
    return text_.expect('[', "\"tokens\" is an array");
  }

  /// From the last token to the end of the file.
  Status close() {
    for (;;) {
      TV_TRY(const bool more, text_.element(false, '}'));
      if (!more) return text_.end();
      TV_CHECK(key());
      if (key_.view() == "tokens") return text_.fault("\"tokens\" is there twice");
      TV_CHECK(text_.skip());
      source().allow(kMostPerToken);
    }
  }

  Status key() { return text_.key(key_); }

  Status members(FileToken& found) {
    for (bool first = true;; first = false) {
      TV_TRY(const bool more, text_.element(first, '}'));
      if (!more) break;
      TV_CHECK(key());
      TV_CHECK(member(found));
    }
    if (!seen_.name) return text_.fault("there is no \"name\"");
    if (!seen_.value) return text_.fault("there is neither \"value\" nor \"value_b64\"");
    return Ok{};
  }

  Status member(FileToken& found) {
    const auto key = key_.view();
    if (key == "name") return name(found.token.name);
    if (key == "value") return value(found.token.value);
    if (key == "value_b64") return value_b64(found);
    if (key == "expires") return expires(found.token.expires);
    return text_.skip();
  }

  Status once(bool& seen, std::string_view twice) {
    return std::exchange(seen, true) ? Status(text_.fault(twice)) : Ok{};
  }

  Status name(std::string& name) {
    TV_CHECK(once(seen_.name, "\"name\" is there twice"));
    SecretText text(kMaxNameSize);
    const auto read = text_.string([&](int byte) { return text.append(byte); });
    if (is_too_long(read)) return text_.fault("a name is at most 255 bytes");
    TV_CHECK(read);
    name = text.view();
    return Ok{};
  }

  Status value(SecretBuffer& value) {
    TV_CHECK(once(seen_.value, "the token has two values"));
    SecretText text(kMaxSecretSize);
    TV_CHECK(value_string([&](int byte) { return text.append(byte); }));
    value = text.take();
    return Ok{};
  }

  Status value_b64(FileToken& found) {
    TV_CHECK(once(seen_.value, "the token has two values"));
    Base64Text text;
    TV_CHECK(value_string([&](int byte) { return text.append(byte); }));
    auto bytes = text.take();
    if (!bytes) return explain(std::move(bytes).error());
    found.token.value = *std::move(bytes);
    found.verbatim = true;
    return Ok{};
  }

  Status value_string(const JsonText::Sink& sink) {
    std::optional<Error> reason;
    const auto read = text_.string([&](int byte) -> Status {
      auto taken = sink(byte);
      if (!taken) reason = taken.error();
      return taken;
    });
    if (reason) return explain(*reason);
    return read;
  }

  /// With the place, which who decodes a value does not know.
  Error explain(const Error& error) {
    if (error.code() == Errc::refused) return {Errc::refused, here() + ": the value is longer than 32 KiB"};
    if (error.code() == Errc::invalid_argument) return text_.fault("\"value_b64\" is not strict base64");
    return error;
  }

  Status expires(std::optional<Time>& expires) {
    TV_CHECK(once(seen_.expires, "\"expires\" is there twice"));
    if (text_.comes('n')) return text_.skip();
    SecretText text(kLongestTime);
    const auto read = text_.string([&](int byte) { return text.append(byte); });
    if (!read && !is_too_long(read)) return read;
    if (read) expires = parse_rfc3339(text.view());
    if (!expires) return text_.fault("\"expires\" is a time such as 2027-01-31T12:00:00Z");
    if (expires->time_since_epoch().count() < 1) return text_.fault("\"expires\" lies after 1970");
    return Ok{};
  }

  JsonText text_;
  SecretText key_{kLongestKey};
  Seen seen_;
  bool in_tokens_ = false;
  std::uint64_t ordinal_ = 0;
  std::uint64_t line_ = 1;
};

}  // namespace

std::unique_ptr<TokenReader> read_json(int fd) { return std::make_unique<JsonReader>(fd); }

}  // namespace tokenvault::cli
