#pragma once
#include <string>
#include <string_view>

#include "rotation/machine.hpp"

namespace tokenvault::rotation {

/// One line for the person who looks: how the token `name` stands in `state` after `event`, and what to do.
/// Empty where there is nothing to say.
std::string advice_for(std::string_view name, const State& state, const Event& event);

}  // namespace tokenvault::rotation
