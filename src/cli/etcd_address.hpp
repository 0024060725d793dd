#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace tokenvault::cli {

inline constexpr std::string_view kEtcdScheme = "etcd:";

[[nodiscard]] constexpr bool is_etcd(std::string_view uri) noexcept { return uri.starts_with(kEtcdScheme); }

/// "https://HOST:PORT" of each member that an `etcd:` URI names; none of any other URI.
[[nodiscard]] std::vector<std::string> endpoints_of(std::string_view uri);

/// Whether what goes to that endpoint crosses a network without TLS.
[[nodiscard]] bool is_exposed(std::string_view endpoint);

}  // namespace tokenvault::cli
