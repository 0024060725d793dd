#include "recipe/base_address.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>

#include <array>
#include <memory>
#include <string_view>

#include "core/try.hpp"

namespace tokenvault::recipe {

namespace {

using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

Error unfit(const char* why) { return Error(Errc::invalid_argument, why); }

std::string piece(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

bool is_this_machine(std::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  std::array<unsigned char, 4> address{};
  return inet_pton(AF_INET, std::string(host).c_str(), address.data()) == 1 && address[0] == 127;
}

// The library that sends would take spaces and controls for granted in places; an address needs none.
bool is_plain(std::string_view text) {
  for (const char letter : text) {
    if (letter <= 0x20 || letter >= 0x7f || letter == '\\') return false;
  }
  return true;
}

Status check_parts(CURLU* url) {
  const auto scheme = piece(url, CURLUPART_SCHEME);
  const auto host = piece(url, CURLUPART_HOST);
  if (scheme != "https" && scheme != "http") return unfit("it is neither https nor http");
  if (scheme == "http" && !is_this_machine(host))
    return unfit("http is for this machine alone; elsewhere use https");
  for (const auto part : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT}) {
    if (!piece(url, part).empty()) return unfit("it has a user, a query or a fragment");
  }
  return Ok{};
}

std::string origin_of(CURLU* url) {
  const auto port = piece(url, CURLUPART_PORT);
  const auto origin = piece(url, CURLUPART_SCHEME) + "://" + piece(url, CURLUPART_HOST);
  return port.empty() ? origin : origin + ":" + port;
}

bool has_dot_step(std::string_view text) {
  const std::string path = std::string(text) + "/";
  return path.find("/./") != path.npos || path.find("/../") != path.npos;
}

}  // namespace

Result<BaseAddress> check_base(const std::string& text) {
  const Url url(curl_url(), &curl_url_cleanup);
  if (!url) return Error(Errc::out_of_memory, "read an address: no memory");
  if (!is_plain(text) || text.find_first_of("?#@") != text.npos || text.find("://") == text.npos) {
    return unfit("it is no plain address such as https://api.example.com/v1");
  }
  if (has_dot_step(text)) return unfit("its path has a step . or ..");
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return unfit("it is no address such as https://api.example.com/v1");
  }
  TV_CHECK(check_parts(url.get()));
  BaseAddress base{text, origin_of(url.get())};
  while (base.text.ends_with('/')) base.text.pop_back();
  return base;
}

}  // namespace tokenvault::recipe
