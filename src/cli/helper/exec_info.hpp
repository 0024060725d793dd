#pragma once
#include <string_view>

#include "tokenvault/error.hpp"

namespace tokenvault::cli {

/// The apiVersion that an ExecCredential asks for in `text`, which is what kubectl has in KUBERNETES_EXEC_INFO: one of
/// the two that there are. Static storage. Errors: invalid_argument (no ExecCredential), unsupported (another version).
Result<std::string_view> api_version_of(std::string_view text);

/// The one to answer in where nobody asks for one.
inline constexpr std::string_view kNewestApiVersion = "client.authentication.k8s.io/v1";

}  // namespace tokenvault::cli
