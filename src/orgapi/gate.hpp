#pragma once
#include <cstdint>
#include <optional>

#include "answer.hpp"
#include "request.hpp"

namespace tokenvault::orgapi {

/// What is wrong with a request whatever it asks for: a foreign Host before all else, and a body whose end two readers
/// could see in two places, or that is too large. `port` is our own.
[[nodiscard]] std::optional<Answer> refused_at_the_gate(const Request& request, bool hides_bytes,
                                                        std::uint16_t port);

/// What is wrong with a change that comes by a session: another page's Origin (ours is known, and is not what Host says).
[[nodiscard]] std::optional<Answer> refused_origin(const Request& request, std::uint16_t port);

/// A body that is not declared to be JSON: what a foreign page's form can send without asking.
[[nodiscard]] std::optional<Answer> refused_type(const Request& request);

/// What every answer says to browsers.
void add_security_headers(Answer& answer);

}  // namespace tokenvault::orgapi
