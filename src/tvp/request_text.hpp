#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenvault/provider.hpp"

namespace tokenvault::tvp {

/// One of the five words of the protocol.
enum class Verb : std::uint8_t { describe, issue, probe, revoke, find };

/// The word on the wire. Static storage, ends in a zero byte.
[[nodiscard]] const char* to_string(Verb verb) noexcept;

/// A secret that the verb needs, by the protocol's word for it. nullptr: one that is not known, of size 0.
using NamedSecret = std::pair<std::string, const SecretBuffer*>;

/// The secrets for descriptor 3, in their order.
[[nodiscard]] std::vector<NamedSecret> secrets_of(Verb verb, const ProviderRequest& request);

/// The JSON object for descriptor 0; of the secrets it tells name and size alone.
[[nodiscard]] std::string request_text(Verb verb, const ProviderRequest& request,
                                       const std::vector<NamedSecret>& secrets);

}  // namespace tokenvault::tvp
