#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "tokenvault/error.hpp"

namespace tokenvault::recipe {

inline constexpr int kDone = 0;
inline constexpr int kRefused = 3;
inline constexpr int kInDoubt = 4;

/// How a verb ended: the exit code and the answer on stdout; a "message" in it goes to stderr too.
struct Outcome {
  int code = kDone;
  nlohmann::json answer = nlohmann::json::object();
};

[[nodiscard]] Outcome done(nlohmann::json answer);
[[nodiscard]] Outcome refused(std::string_view why, std::optional<std::int64_t> retry_after = std::nullopt);
[[nodiscard]] Outcome in_doubt(std::string_view why);

/// Writes it out, and returns the exit code. An answer that cannot be written is no answer: 4.
int report(const Outcome& outcome);

}  // namespace tokenvault::recipe
