#include "members.hpp"

#include <algorithm>

#include "../exchange/json_text.hpp"
#include "../try.hpp"

namespace tokenvault::cli {
namespace {

constexpr std::size_t kLongestKey = 32;  // above those that anybody wants

Status read_member(JsonText& json, const Member& member) {
  if (member.text.size() > 0) return json.fault("a member is there twice");
  const auto read = json.string([&](int byte) { return member.text.append(byte); });
  // What is too long is told by who takes the bytes, without the place.
  if (!read && read.error().code() == Errc::refused) return json.fault("a string is too long");
  return read;
}

}  // namespace

Status read_members(SecretBuffer document, std::string_view what, std::span<const Member> wanted) {
  JsonText json(std::move(document), [what] { return std::string(what); });
  TV_CHECK(json.expect('{', "it is no JSON object"));
  SecretText key(kLongestKey);
  for (bool first = true;; first = false) {
    TV_TRY(const bool more, json.element(first, '}'));
    if (!more) return json.end();
    TV_CHECK(json.key(key));
    const auto member = std::ranges::find(wanted, key.view(), &Member::name);
    TV_CHECK(member == wanted.end() ? json.skip() : read_member(json, *member));
  }
}

}  // namespace tokenvault::cli
