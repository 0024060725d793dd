#include "server.hpp"

#include <algorithm>

namespace tokenvault::cli {
namespace {

constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower, lower); }

bool is_host(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return kLetters.find(lower(c)) != std::string_view::npos || (c >= '0' && c <= '9') ||
           std::string_view("-._:[]").find(c) != std::string_view::npos;
  });
}

/// A dot, slash, backslash or percent sign written as %XX: some servers read a path twice.
bool has_coded_separator(std::string_view path) {
  for (auto at = path.find('%'); at != std::string_view::npos; at = path.find('%', at + 1))
    for (const std::string_view code : {"2e", "2f", "5c", "25"})
      if (same(path.substr(at + 1, 2), code)) return true;
  return false;
}

/// Such a path may lead elsewhere than it looks.
bool leads_astray(std::string_view path) {
  if (path.find('\\') != std::string_view::npos || has_coded_separator(path)) return true;
  for (std::size_t begin = 0; begin <= path.size();) {
    const auto end = std::min(path.find('/', begin), path.size());
    const auto segment = path.substr(begin, end - begin);
    if (segment == "." || segment == "..") return true;
    begin = end + 1;
  }
  return false;
}

bool is_path(std::string_view text) {
  return !leads_astray(text) && std::ranges::none_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= ' ' || byte == 0x7F || c == '?' || c == '*';
  });
}

std::string_view without_slashes(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

}  // namespace

std::optional<Server> parse_server(std::string_view text) {
  Server server{"https", text, {}};
  if (const auto end = text.find("://"); end != std::string_view::npos) {
    server.protocol = text.substr(0, end);
    server.host = text.substr(end + 3);
  }
  if (const auto slash = server.host.find('/'); slash != std::string_view::npos) {
    server.path = without_slashes(server.host.substr(slash));
    server.host = server.host.substr(0, slash);
  }
  if (server.protocol.empty() || !is_host(server.host) || !is_path(server.path)) return std::nullopt;
  return server;
}

bool is_encrypted(const Server& server) noexcept { return same(server.protocol, "https"); }

std::optional<Where> Where::parse(std::string_view text) {
  const auto server = parse_server(text);
  if (!server || (!same(server->protocol, "https") && !same(server->protocol, "http"))) return std::nullopt;
  return Where(text);
}

std::optional<std::size_t> Where::fit(const Server& server) const {
  const auto own = *parse_server(text_);
  if (!same(own.protocol, server.protocol) || !same(own.host, server.host) || leads_astray(server.path))
    return std::nullopt;
  const auto path = without_slashes(server.path);
  const bool leads = path.starts_with(own.path) &&
                     (own.path.empty() || path.size() == own.path.size() || path[own.path.size()] == '/');
  return leads ? std::optional(own.path.size()) : std::nullopt;
}

}  // namespace tokenvault::cli
