#include "recipe/send_reader.hpp"

#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <array>

#include "core/try.hpp"
#include "recipe/faults.hpp"
#include "recipe/word_rules.hpp"

namespace tokenvault::recipe {

namespace {

constexpr std::string_view kAlphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view kPathMarks = "-._~!$&'()*+,;=:@/?%";
constexpr std::string_view kNameMarks = "!#$%&'*+-.^_`|~";
// They are the connection's own, and a wrong one could hide a second request behind the first.
constexpr std::array<const char*, 11> kOwnHeaders{
    "host",    "content-length", "transfer-encoding",   "connection",       "expect", "te",
    "trailer", "upgrade",        "proxy-authorization", "proxy-connection", "cookie"};
constexpr std::array<std::string_view, 5> kMethods{"GET", "POST", "PUT", "PATCH", "DELETE"};

bool consists_of(std::string_view text, std::string_view marks) {
  return std::ranges::all_of(text, [&](char letter) {
    return kAlphanumeric.find(letter) != kAlphanumeric.npos || marks.find(letter) != marks.npos;
  });
}

bool has_broken_escape(std::string_view text) {
  constexpr std::string_view kHexDigits = "0123456789abcdefABCDEF";
  for (auto at = text.find('%'); at != text.npos; at = text.find('%', at + 1)) {
    const auto digits = text.substr(at + 1, 2);
    if (digits.size() != 2 || digits.find_first_not_of(kHexDigits) != digits.npos) return true;
  }
  return false;
}

Status check_path(const Template& path, std::string_view where) {
  const auto parts = path.parts();
  if (parts.empty() || !parts.front().literal.starts_with('/'))
    return fault_at(where, "the path must begin with /");
  for (const auto& part : parts) {
    if (!consists_of(part.literal, kPathMarks) || has_broken_escape(part.literal)) {
      return fault_at(where, "the path has a character that an address cannot have");
    }
  }
  return Ok{};
}

Status check_method(std::string_view method, Verb verb, std::string_view where) {
  if (std::ranges::find(kMethods, method) == kMethods.end()) {
    return fault_at(where, "it must begin with GET, POST, PUT, PATCH or DELETE");
  }
  const bool asks = verb == Verb::probe || verb == Verb::find;
  if (asks && method != "GET" && method != "POST")
    return fault_at(where, "a question is asked by GET or POST");
  return Ok{};
}

Status check_header_name(const std::string& name, const Call& call, std::string_view where) {
  if (name.empty() || !consists_of(name, kNameMarks)) return fault_at(where, "it is no name of a header");
  const auto is_name = [&](const char* other) { return ::strcasecmp(other, name.c_str()) == 0; };
  if (std::ranges::any_of(kOwnHeaders, is_name)) {
    return fault_at(where, "this header is not the recipe's to set");
  }
  const auto same = [&](const Header& header) { return is_name(header.name.c_str()); };
  if (std::ranges::any_of(call.headers, same)) return fault_at(where, "this header is there twice");
  return Ok{};
}

Status check_header_value(const Template& value, std::string_view where) {
  if (value.parts().empty()) return fault_at(where, "it is empty");
  for (const auto& part : value.parts()) {
    if (!std::ranges::all_of(part.literal, [](char letter) { return letter >= 0x20 && letter < 0x7f; })) {
      return fault_at(where, "it has a character that a header cannot have");
    }
  }
  return Ok{};
}

}  // namespace

Status read_send(const Document& object, Verb verb, std::string_view where, Call& call) {
  TV_TRY(const auto send, want_text(object, where, "send"));
  const auto place = fmt::format("{}.send", where);
  const auto space = std::min(send.find(' '), send.size());
  call.method = send.substr(0, space);
  TV_CHECK(check_method(call.method, verb, place));
  TV_TRY(call.path, want_template(send.substr(std::min(space + 1, send.size())), place));
  TV_CHECK(check_path(call.path, place));
  return check_words(call.path, verb, place);
}

Status read_headers(const Document& object, Verb verb, std::string_view where, Call& call) {
  const auto found = object.find("headers");
  if (found == object.end()) return Ok{};
  if (!found->is_object()) return fault_at(where, "headers must be an object");
  for (const auto& [name, value] : found->items()) {
    const auto place = fmt::format("{}.headers.{}", where, name);
    TV_CHECK(check_header_name(name, call, place));
    TV_TRY(auto text, want_template(value, place));
    TV_CHECK(check_header_value(text, place));
    TV_CHECK(check_words(text, verb, place));
    call.headers.push_back({name, std::move(text)});
  }
  return Ok{};
}

Status read_body(const Document& object, Verb verb, std::string_view where, Call& call) {
  const auto found = object.find("json");
  if (found == object.end()) return Ok{};
  if (call.method == "GET") return fault_at(where, "GET has no body");
  TV_CHECK(check_body(*found, verb, fmt::format("{}.json", where)));
  call.json = *found;
  return Ok{};
}

}  // namespace tokenvault::recipe
