#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "tokenvault/rotation_info.hpp"

namespace tokenvault::cli {

/// `text` of somebody else's as one line of at most 800 bytes, cut between characters, that cannot drive a
/// terminal.
[[nodiscard]] std::string one_line(std::string_view text);
/// Whether so many tries came to nothing that a person had better look, although it is tried again.
[[nodiscard]] bool is_stuck(const RotationInfo& rotation) noexcept;

/// What comes next for a rotation, in words; of who does it where that is known.
[[nodiscard]] std::string next_step(const RotationInfo& rotation);

/// The one line an operator sees: `acme/api: staged, waits for the provider until ...; next: ...`.
[[nodiscard]] std::string line_of(const RotationInfo& rotation);

/// How many wait, how many need a person, how many old tokens may still be good.
struct RotationCounts {
  std::size_t open = 0;
  std::size_t asking = 0;
  std::size_t owed = 0;
};
[[nodiscard]] RotationCounts count(const std::vector<RotationInfo>& rotations) noexcept;
/// In one line.
[[nodiscard]] std::string to_text(const RotationCounts& counts);

}  // namespace tokenvault::cli
