#include "recipe/outcome.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "recipe/output.hpp"

namespace tokenvault::recipe {

namespace {

constexpr std::size_t kMaxMessage = 500;  // bytes

// Texts of a recipe stand in messages, and a message is one line of UTF-8, cut between two characters.
std::string one_line(std::string_view text) {
  const auto goes_on = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80; };
  auto size = std::min(text.size(), kMaxMessage);
  while (size < text.size() && goes_on(size)) --size;
  std::string line(text.substr(0, size));
  for (std::size_t at = 0; at < line.size(); ++at) {
    const auto letter = static_cast<unsigned char>(line[at]);
    const bool is_wide = letter == 0xc2 && static_cast<unsigned char>(line[at + 1]) < 0xa0;
    if (is_wide || letter < 0x20 || letter == 0x7f) line.replace(at, is_wide ? 2 : 1, "?");
  }
  return line;
}

}  // namespace

Outcome done(nlohmann::json answer) { return {kDone, std::move(answer)}; }

Outcome refused(std::string_view why, std::optional<std::int64_t> retry_after) {
  Outcome outcome{kRefused, {{"message", one_line(fmt::format("refused: nothing was changed: {}", why))}}};
  if (retry_after) outcome.answer["retry_after"] = *retry_after;
  return outcome;
}

Outcome in_doubt(std::string_view why) {
  return {kInDoubt, {{"message", one_line(fmt::format("in doubt: it may have happened: {}", why))}}};
}

int report(const Outcome& outcome) {
  const auto text = outcome.answer.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace) + "\n";
  const auto message = outcome.answer.find("message");
  if (message != outcome.answer.end()) {
    // Words for people; the answer does not depend on them.
    static_cast<void>(write_all(2, *message->get_ptr<const std::string*>() + "\n"));
  }
  return write_all(1, text) ? outcome.code : kInDoubt;
}

}  // namespace tokenvault::recipe
