#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "recipe/credentials.hpp"
#include "tokenvault/error.hpp"

namespace tokenvault::recipe {

enum class Verb : std::uint8_t { describe, issue, probe, revoke, find };

[[nodiscard]] std::optional<Verb> verb_named(std::string_view name) noexcept;
[[nodiscard]] std::string_view to_string(Verb verb) noexcept;

/// What the rotator asks, as tvp/1 has it.
struct Request {
  Verb verb = Verb::describe;
  std::string rotation;
  std::string name;
  std::optional<std::string> id;
  std::int64_t overlap = 0;              ///< seconds; 0: as the provider likes
  std::optional<std::int64_t> lifetime;  ///< seconds; absent: as the provider likes
  std::map<std::string, std::string, std::less<>> settings;
  std::vector<SecretSize> tokens;  ///< what lies on descriptor 3, in this order
};

/// Reads one request from `fd` to its end, at most 64 KiB. Members that are not known are ignored.
/// Errors: refused (not a request for `verb` in this protocol), io.
Result<Request> read_request(int fd, Verb verb);

}  // namespace tokenvault::recipe
