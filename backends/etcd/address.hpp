#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "tokenvault/error.hpp"

namespace tokenvault::etcd {

/// Which servers, and below which keys there.
struct Address {
  std::vector<std::string> endpoints;  ///< "http[s]://HOST:PORT"
  std::string prefix;                  ///< "/acme/"
};

/// "http[s]://HOST:PORT[,HOST:PORT...]/PREFIX": at most 16 servers; a host is a name, an IPv4 address or an IPv6
/// address in brackets; a prefix is segments of letters, digits, '.', '_' and '-'. Errors: invalid_argument.
Result<Address> parse_address(std::string_view text);

}  // namespace tokenvault::etcd
