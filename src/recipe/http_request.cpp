#include "recipe/http_request.hpp"

#include <strings.h>

#include <algorithm>

#include "core/try.hpp"
#include "recipe/json_body.hpp"
#include "recipe/target.hpp"

namespace tokenvault::recipe {

namespace {

// A value such as `..` is no character to encode, and would still lead to another place.
Status check_steps(std::string_view path) {
  path = path.substr(0, path.find('?'));
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    const auto step = path.substr(0, end);
    if (step == "." || step == "..") {
      return Error(Errc::refused, "fill in the recipe: a step of the path would be . or ..");
    }
    path.remove_prefix(end);
  }
  return Ok{};
}

Status add_address(const Recipe& recipe, const Call& call, const Request& request, const Words& words,
                   HttpRequest& made) {
  TV_TRY(const auto base, target_of(recipe, request));
  SecretText path;
  TV_CHECK(words.fill(call.path, Encoding::address, path));
  TV_CHECK(check_steps(path.view()));
  TV_CHECK(made.address.append(base.text));
  return made.address.append(path.view());
}

Status add_header(std::string_view name, const Template& value, const Words& words, HttpRequest& made) {
  SecretText line;
  TV_CHECK(line.append(name));
  TV_CHECK(line.append(": "));
  TV_CHECK(words.fill(value, Encoding::header, line));
  made.headers.push_back(std::move(line));
  return Ok{};
}

Status add_default(const char* name, std::string_view line, const Call& call, HttpRequest& made) {
  const auto same = [&](const Header& header) { return ::strcasecmp(header.name.c_str(), name) == 0; };
  if (std::ranges::any_of(call.headers, same)) return Ok{};
  SecretText text;
  TV_CHECK(text.append(line));
  made.headers.push_back(std::move(text));
  return Ok{};
}

Status add_headers(const Call& call, const Words& words, HttpRequest& made) {
  for (const auto& header : call.headers) TV_CHECK(add_header(header.name, header.value, words, made));
  TV_CHECK(add_default("Accept", "Accept: application/json", call, made));
  // A name with nothing behind it takes the sending library's own line away.
  TV_CHECK(add_default("Content-Type", call.json ? "Content-Type: application/json" : "Content-Type:", call,
                       made));
  return add_default("Expect", "Expect:", call, made);
}

}  // namespace

Result<HttpRequest> build_request(const Recipe& recipe, const Call& call, const Request& request,
                                  const Words& words) {
  HttpRequest made;
  made.method = call.method;
  made.timeout = recipe.timeout;
  TV_CHECK(add_address(recipe, call, request, words, made));
  TV_CHECK(add_headers(call, words, made));
  if (call.json) {
    TV_TRY(made.body, json_body(*call.json, words));
  }
  return made;
}

}  // namespace tokenvault::recipe
