#pragma once
#include <span>
#include <string_view>
#include <variant>

#include "tokenvault/issuer.hpp"

namespace tokenvault::issuer {

/// A token of our form as a request presents it; both are views of one of its fields.
struct Presented {
  std::string_view token, id;
};

/// The token among the values of a request's Authorization fields.
std::variant<Presented, Refusal> read_bearer(std::span<const std::string_view> fields) noexcept;

}  // namespace tokenvault::issuer
