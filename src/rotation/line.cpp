#include "rotation/line.hpp"

#include <string.h>

#include <algorithm>

#include "core/mutant.hpp"
#include "core/utf8.hpp"

namespace tokenvault::rotation {
namespace {

constexpr std::size_t kTellingSize = 4;

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80; }

}  // namespace

bool holds(std::string_view text, const SecretBuffer& secret) {
  const auto bytes = secret.expose();
  return !mutated("line.secret") && bytes.size() >= kTellingSize &&
         memmem(text.data(), text.size(), bytes.data(), bytes.size()) != nullptr;
}

std::string line_of(std::string_view text, std::span<const SecretBuffer* const> secrets, std::size_t limit) {
  if (std::ranges::any_of(
          secrets, [&](const SecretBuffer* secret) { return secret != nullptr && holds(text, *secret); }))
    return {};
  text = text.substr(0, text.find_first_of("\r\n"));
  if (text.size() > limit && !mutated("line.size")) {
    while (limit > 0 && continues(text[limit])) --limit;
    text = text.substr(0, limit);
  }
  return mutated("line.text") || is_plain_text(text) ? std::string(text) : std::string();
}

}  // namespace tokenvault::rotation
