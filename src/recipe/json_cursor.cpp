#include "recipe/json_cursor.hpp"

namespace tokenvault::recipe {

namespace {

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }
bool is_hex(char letter) {
  return is_digit(letter) || (letter >= 'a' && letter <= 'f') || (letter >= 'A' && letter <= 'F');
}

}  // namespace

void JsonCursor::skip_space() noexcept {
  at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
}

char JsonCursor::peek() noexcept {
  skip_space();
  return at_ < text_.size() ? text_[at_] : '\0';
}

bool JsonCursor::at_end() noexcept {
  skip_space();
  return at_ == text_.size();
}

bool JsonCursor::take(char letter) noexcept {
  if (at_end() || text_[at_] != letter) return false;
  ++at_;
  return true;
}

bool JsonCursor::skip_escape() noexcept {
  if (at_ == text_.size()) return false;
  const char kind = text_[at_++];
  if (kind != 'u') return std::string_view("\"\\/bfnrt").find(kind) != std::string_view::npos;
  for (int count = 0; count < 4; ++count) {
    if (at_ == text_.size() || !is_hex(text_[at_++])) return false;
  }
  return true;
}

bool JsonCursor::skip_string() noexcept {
  if (!take('"')) return false;
  while (at_ < text_.size()) {
    const char letter = text_[at_++];
    if (letter == '"') return true;
    if (static_cast<unsigned char>(letter) < 0x20) return false;
    if (letter == '\\' && !skip_escape()) return false;
  }
  return false;
}

bool JsonCursor::skip_digits() noexcept {
  const auto before = at_;
  while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
  return at_ > before;
}

bool JsonCursor::skip_number() noexcept {
  const auto here = [&](char letter) { return at_ < text_.size() && text_[at_] == letter; };
  if (here('-')) ++at_;
  if (here('0')) {
    ++at_;
  } else if (!skip_digits()) {
    return false;
  }
  if (here('.') && (++at_, !skip_digits())) return false;
  if (!here('e') && !here('E')) return true;
  ++at_;
  if (here('+') || here('-')) ++at_;
  return skip_digits();
}

bool JsonCursor::skip_word(std::string_view word) noexcept {
  if (!text_.substr(at_).starts_with(word)) return false;
  at_ += word.size();
  return true;
}

bool JsonCursor::skip_members(char close, int depth) noexcept {
  ++at_;
  if (take(close)) return true;
  do {
    if (close == '}' && (!skip_string() || !take(':'))) return false;
    if (!skip_value(depth + 1)) return false;
  } while (take(','));
  return take(close);
}

bool JsonCursor::skip_value(int depth) noexcept {
  if (depth > kMaxDepth) return false;
  switch (peek()) {
    case '{': return skip_members('}', depth);
    case '[': return skip_members(']', depth);
    case '"': return skip_string();
    case 't': return skip_word("true");
    case 'f': return skip_word("false");
    case 'n': return skip_word("null");
    default: return skip_number();
  }
}

std::optional<std::string_view> JsonCursor::value(int depth) noexcept {
  skip_space();
  const auto start = at_;
  if (!skip_value(depth)) return std::nullopt;
  return text_.substr(start, at_ - start);
}

std::optional<std::string_view> JsonCursor::string() noexcept {
  skip_space();
  const auto start = at_;
  if (!skip_string()) return std::nullopt;
  return text_.substr(start, at_ - start);
}

}  // namespace tokenvault::recipe
