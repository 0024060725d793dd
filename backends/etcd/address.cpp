#include "etcd/address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/try.hpp"

namespace tokenvault::etcd {
namespace {

constexpr std::size_t kMaxEndpoints = 16;
constexpr std::size_t kMaxHost = 253;  // RFC 1035, 2.3.4
constexpr std::size_t kMaxPrefix = 200;

bool is_alphanumeric(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// What is wrong in an address may be a password that strayed there, so it is not repeated.
Error malformed(std::string_view what) {
  return {
      Errc::invalid_argument,
      fmt::format("cannot use the address of etcd: {}; it is etcd:http[s]://HOST:PORT[,HOST:PORT...]/PREFIX",
                  what)};
}

bool is_host(std::string_view host) noexcept {
  if (host.empty() || host.size() > kMaxHost) return false;
  if (host.front() == '[' && host.back() == ']')
    return std::ranges::all_of(host.substr(1, host.size() - 2),
                               [](char c) { return is_alphanumeric(c) || c == ':' || c == '.'; });
  return std::ranges::all_of(host,
                             [](char c) { return is_alphanumeric(c) || c == '-' || c == '.' || c == '_'; });
}

bool is_port(std::string_view text) noexcept {
  unsigned port = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), port);
  return fault == std::errc() && end == text.data() + text.size() && port > 0 && port <= 65535;
}

Status add_endpoint(Address& address, std::string_view scheme, std::string_view text) {
  if (text.find('@') != std::string_view::npos)
    return malformed(
        "a name or password does not belong there, --etcd-user and --etcd-password-file take them");
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || !is_host(text.substr(0, colon)) || !is_port(text.substr(colon + 1)))
    return malformed("a server is HOST:PORT");
  if (address.endpoints.size() == kMaxEndpoints) return malformed("it names more than 16 servers");
  address.endpoints.push_back(fmt::format("{}{}", scheme, text));
  return Ok{};
}

bool is_segment(std::string_view segment) noexcept {
  const auto fits = [](char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; };
  return !segment.empty() && segment != "." && segment != ".." && std::ranges::all_of(segment, fits);
}

/// Where a vault at the part before it has its own keys.
bool is_folder(std::string_view segment) noexcept {
  return segment == "blob" || segment == "upload" || segment == "erase";
}

Result<std::string> prefix_of(std::string_view path) {
  if (path.ends_with('/')) path.remove_suffix(1);
  if (path.empty()) return malformed("it has no PREFIX, below which the vault's keys are");
  if (path.size() > kMaxPrefix) return malformed("its PREFIX has more than 200 letters");
  std::string prefix = "/";
  for (auto rest = path; !rest.empty();) {
    const auto slash = std::min(rest.find('/'), rest.size());
    if (!is_segment(rest.substr(0, slash)))
      return malformed("its PREFIX has something besides letters, digits, '.', '_', '-' and single '/'");
    if (prefix.size() > 1 && is_folder(rest.substr(0, slash)))
      return malformed(
          "its PREFIX may go on with neither blob nor upload nor erase, where another vault keeps things");
    prefix.append(rest.substr(0, slash)).append("/");
    rest.remove_prefix(std::min(slash + 1, rest.size()));
  }
  return prefix;
}

}  // namespace

Result<Address> parse_address(std::string_view text) {
  std::string_view scheme;
  for (const std::string_view known : {"http://", "https://"})
    if (text.starts_with(known)) scheme = known;
  if (scheme.empty()) return malformed("it begins with neither http:// nor https://");
  text.remove_prefix(scheme.size());
  const auto slash = std::min(text.find('/'), text.size());
  Address address;
  TV_TRY(address.prefix, prefix_of(text.substr(std::min(slash + 1, text.size()))));
  for (auto servers = text.substr(0, slash);;) {
    const auto comma = std::min(servers.find(','), servers.size());
    TV_CHECK(add_endpoint(address, scheme, servers.substr(0, comma)));
    if (comma == servers.size()) return address;
    servers.remove_prefix(comma + 1);
  }
}

}  // namespace tokenvault::etcd
