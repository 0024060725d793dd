#include "recipe/json_body.hpp"

#include "core/try.hpp"

namespace tokenvault::recipe {

namespace {

/// Writes JSON into secret memory; a library's writer would leave the secrets in it on the heap.
class Writer {
 public:
  Writer(const Words& words, SecretText& into) : words_(&words), into_(&into) {}

  Status value(const Document& value) {
    if (value.is_object()) return object(value);
    if (value.is_array()) return list(value);
    if (const auto* written = value.get_ptr<const std::string*>()) return text(*written);
    return into_->append(value.dump());
  }

 private:
  // An {id}, a date or an overlap that nobody asked for; a missing secret stays a fault.
  [[nodiscard]] bool is_left_out(const Document& value) const {
    const auto* written = value.get_ptr<const std::string*>();
    if (written == nullptr) return false;
    const auto parsed = Template::parse(*written);
    const auto* only = parsed ? parsed->only() : nullptr;
    if (only == nullptr || words_->has(*only)) return false;
    return *only->word == Word::id || *only->word == Word::overlap || *only->word == Word::expires ||
           *only->word == Word::expires_date;
  }

  Status object(const Document& object) {
    TV_CHECK(into_->append("{"));
    bool first = true;
    for (const auto& [name, inner] : object.items()) {
      if (is_left_out(inner)) continue;
      TV_CHECK(into_->append(first ? "\"" : ",\""));
      TV_CHECK(append_encoded(*into_, name, Encoding::json));
      TV_CHECK(into_->append("\":"));
      TV_CHECK(value(inner));
      first = false;
    }
    return into_->append("}");
  }

  Status list(const Document& list) {
    TV_CHECK(into_->append("["));
    bool first = true;
    for (const auto& inner : list) {
      if (is_left_out(inner)) continue;
      if (!first) TV_CHECK(into_->append(","));
      TV_CHECK(value(inner));
      first = false;
    }
    return into_->append("]");
  }

  Status text(const std::string& written) {
    TV_TRY(const auto parsed, Template::parse(written));
    const auto* only = parsed.only();
    if (only != nullptr && *only->word == Word::overlap) return words_->fill(parsed, Encoding::plain, *into_);
    TV_CHECK(into_->append("\""));
    TV_CHECK(words_->fill(parsed, Encoding::json, *into_));
    return into_->append("\"");
  }

  const Words* words_;
  SecretText* into_;
};

}  // namespace

Result<SecretText> json_body(const Document& body, const Words& words) {
  SecretText text;
  TV_CHECK(Writer(words, text).value(body));
  return text;
}

}  // namespace tokenvault::recipe
