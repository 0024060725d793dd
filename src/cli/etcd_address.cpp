#include "etcd_address.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace tokenvault::cli {
namespace {

constexpr std::string_view kSlashes = "://";
constexpr std::string_view kWithoutTls = "http://";

bool is_this_machine(const std::string& host) {
  in_addr address{};
  if (::inet_pton(AF_INET, host.c_str(), &address) == 1) return (ntohl(address.s_addr) >> 24) == 127;
  return host == "localhost" || host == "[::1]";
}

}  // namespace

std::vector<std::string> endpoints_of(std::string_view uri) {
  if (!is_etcd(uri)) return {};
  uri.remove_prefix(kEtcdScheme.size());
  const auto slashes = uri.find(kSlashes);
  if (slashes == std::string_view::npos) return {};
  const auto scheme = uri.substr(0, slashes + kSlashes.size());
  auto members = uri.substr(scheme.size());
  members = members.substr(0, members.find('/'));
  std::vector<std::string> endpoints;
  for (std::size_t from = 0; from <= members.size();) {
    const auto to = std::min(members.find(',', from), members.size());
    endpoints.push_back(std::string(scheme).append(members.substr(from, to - from)));
    from = to + 1;
  }
  return endpoints;
}

bool is_exposed(std::string_view endpoint) {
  if (!endpoint.starts_with(kWithoutTls)) return false;
  endpoint.remove_prefix(kWithoutTls.size());
  return !is_this_machine(std::string(endpoint.substr(0, endpoint.rfind(':'))));
}

}  // namespace tokenvault::cli
