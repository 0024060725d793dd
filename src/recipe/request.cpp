#include "recipe/request.hpp"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/try.hpp"
#include "recipe/bounded_input.hpp"

namespace tokenvault::recipe {

namespace {

using nlohmann::json;

constexpr std::int64_t kMaxSeconds = 100LL * 366 * 24 * 3600;
constexpr std::size_t kMaxTokens = 16;

constexpr std::array<std::pair<std::string_view, Verb>, 5> kVerbs{{
    {"describe", Verb::describe},
    {"issue", Verb::issue},
    {"probe", Verb::probe},
    {"revoke", Verb::revoke},
    {"find", Verb::find},
}};

Error unsound(std::string_view what) {
  return Error(Errc::refused, fmt::format("read the request on stdin: {}", what));
}

Status take_text(const json& document, const char* name, std::string& into) {
  const auto found = document.find(name);
  if (found == document.end()) return Ok{};
  if (!found->is_string()) return unsound(fmt::format("{} is not a string", name));
  into = *found->get_ptr<const std::string*>();
  return Ok{};
}

Result<std::optional<std::int64_t>> seconds(const json& document, const char* name) {
  const auto found = document.find(name);
  if (found == document.end()) return std::optional<std::int64_t>{};
  if (!found->is_number_integer() || *found < 0 || *found > kMaxSeconds) {
    return unsound(fmt::format("{} is not a number of seconds", name));
  }
  return std::optional<std::int64_t>(found->get<std::int64_t>());
}

Status take_settings(const json& document, Request& request) {
  const auto found = document.find("settings");
  if (found == document.end()) return Ok{};
  if (!found->is_object()) return unsound("settings is not an object");
  for (const auto& [name, value] : found->items()) {
    if (!value.is_string()) return unsound("a setting is not a string");
    request.settings[name] = *value.get_ptr<const std::string*>();
  }
  return Ok{};
}

Result<SecretSize> secret_size(const json& row) {
  if (!row.is_object()) return unsound("a row of tokens is not an object");
  const auto name = row.find("name");
  const auto size = row.find("size");
  if (name == row.end() || !name->is_string() || size == row.end() || !size->is_number_unsigned() ||
      *size > kMaxSecretSize) {
    return unsound("a row of tokens has no name or no possible size");
  }
  return SecretSize{*name->get_ptr<const std::string*>(), size->get<std::size_t>()};
}

Status take_tokens(const json& document, Request& request) {
  const auto found = document.find("tokens");
  if (found == document.end()) return Ok{};
  if (!found->is_array() || found->size() > kMaxTokens) return unsound("tokens is not a list of at most 16");
  for (const auto& row : *found) {
    TV_TRY(auto size, secret_size(row));
    request.tokens.push_back(std::move(size));
  }
  return Ok{};
}

Status take_id(const json& document, Request& request) {
  std::string id;
  TV_CHECK(take_text(document, "id", id));
  if (!id.empty()) request.id = std::move(id);
  return Ok{};
}

Result<Request> request_from(const json& document, Verb verb) {
  Request request;
  request.verb = verb;
  TV_CHECK(take_text(document, "rotation", request.rotation));
  TV_CHECK(take_text(document, "name", request.name));
  TV_CHECK(take_id(document, request));
  TV_TRY(const auto overlap, seconds(document, "overlap"));
  request.overlap = overlap.value_or(0);
  TV_TRY(request.lifetime, seconds(document, "lifetime"));
  TV_CHECK(take_settings(document, request));
  TV_CHECK(take_tokens(document, request));
  return request;
}

}  // namespace

std::optional<Verb> verb_named(std::string_view name) noexcept {
  for (const auto& [known, verb] : kVerbs) {
    if (known == name) return verb;
  }
  return std::nullopt;
}

std::string_view to_string(Verb verb) noexcept {
  for (const auto& [name, known] : kVerbs) {
    if (known == verb) return name;
  }
  return {};
}

Result<Request> read_request(int fd, Verb verb) {
  TV_TRY(const auto text, read_all(fd, "the request on stdin"));
  const auto document = json::parse(text, nullptr, false);
  if (!document.is_object()) return unsound("it is not a JSON object");
  const auto version = document.find("tvp");
  if (version == document.end() || *version != 1) return unsound("it is not of version 1 of the protocol");
  const auto named = document.find("verb");
  if (named == document.end() || *named != to_string(verb)) return unsound("its verb is not the one called");
  return request_from(document, verb);
}

}  // namespace tokenvault::recipe
