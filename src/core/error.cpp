#include "tokenvault/error.hpp"

#include <array>
#include <stdexcept>

namespace tokenvault {
namespace {

constexpr std::array<std::string_view, 24> kNames = {
    "ok",        "invalid_argument",  "no_vault",    "already_exists", "not_found",
    "conflict",  "wrong_key",         "tampered",    "stale",          "unsupported",
    "read_only", "permission_denied", "refused",     "unavailable",    "unreachable",
    "in_doubt",  "expired",           "no_key",      "out_of_memory",  "io",
    "forked",    "internal",          "needs_human", "rejected",
};

}  // namespace

std::string_view to_string(Errc code) noexcept {
  const auto number = static_cast<std::size_t>(code);
  return number < kNames.size() ? kNames[number] : "unknown";
}

void throw_error(const Error& error) { throw std::runtime_error(error.message()); }

}  // namespace tokenvault
