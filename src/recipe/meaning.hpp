#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "recipe/exchange.hpp"
#include "recipe/outcome.hpp"
#include "recipe/recipe.hpp"

namespace tokenvault::recipe {

/// What an answer says by itself, before anything in it is read.
enum class Meaning : std::uint8_t {
  yes,       ///< whole, and its status is among `done` or `valid`
  no,        ///< whole, and its status is among `refused` or `invalid`
  too_many,  ///< whole, and 429: the request was not looked at
  not_sent,  ///< nothing went out
  unclear,   ///< anything else
};

[[nodiscard]] Meaning meaning_of(const Call& call, const HttpAnswer& answer);

/// The same in words for people; nothing of the answer's body stands in it.
[[nodiscard]] std::string plight_of(const HttpAnswer& answer);
/// How an issue, a revoke or a find has ended, unless the answer means yes.
[[nodiscard]] std::optional<Outcome> unless_yes(const Call& call, const HttpAnswer& answer);

}  // namespace tokenvault::recipe
