#include "gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace tokenvault::orgapi {
namespace {

constexpr std::size_t kMostBody = 64 * 1024;
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

bool is_our_host(std::string_view host, std::uint16_t port) {
  constexpr std::array<std::string_view, 3> kNames{"127.0.0.1", "localhost", "[::1]"};
  return std::ranges::any_of(kNames,
                             [&](auto name) { return same_word(host, fmt::format("{}:{}", name, port)); });
}

bool is_size(std::string_view text, std::size_t& size) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::optional<Answer> refused_at_the_gate(const Request& request, bool hides_bytes, std::uint16_t port) {
  const auto host = request.one("Host");
  if (!host || !is_our_host(*host, port)) return problem(kWrongHost);
  const auto lengths = request.all("Content-Length");
  const bool chunked = !request.all("Transfer-Encoding").empty();
  // A blank before the colon makes two names of one: RFC 9112 section 5.1.
  const bool blank = std::ranges::any_of(request.fields, [](const Field& field) {
    return field.first.find_first_of(" \t") != field.first.npos;
  });
  if (hides_bytes || blank || lengths.size() > 1 || (chunked && !lengths.empty())) return problem(kFraming);
  if (chunked) return problem(kNoLength);
  std::size_t size = 0;
  if (!lengths.empty() && !is_size(lengths[0], size)) return problem(kTooLarge);
  return size > kMostBody ? std::optional(problem(kTooLarge)) : std::nullopt;
}

std::optional<Answer> refused_origin(const Request& request, std::uint16_t port) {
  const auto origin = request.one("Origin");
  if (origin && *origin == fmt::format("http://127.0.0.1:{}", port)) return std::nullopt;
  return problem(kOrigin);
}

std::optional<Answer> refused_type(const Request& request) {
  const auto type = request.one("Content-Type").value_or("");
  const auto word = type.substr(0, type.find_first_of("; \t"));
  return same_word(word, "application/json") ? std::nullopt : std::optional(problem(kContentType));
}

void add_security_headers(Answer& answer) {
  auto& headers = answer.headers;
  headers.emplace_back("Content-Security-Policy", kPolicy);
  headers.emplace_back("X-Content-Type-Options", "nosniff");
  headers.emplace_back("Referrer-Policy", "no-referrer");
  headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  headers.emplace_back("Cache-Control", answer.asset == nullptr ? "no-store" : "no-cache");
}

}  // namespace tokenvault::orgapi
