#pragma once
#include <cstdint>
#include <string_view>

#include "session.hpp"

namespace tokenvault::cli {

/// After a change to one token: a warning where the anchor could not be kept, then `text` for people or
/// `{"event","name"}` with --json.
Result<int> report_change(const Session& session, const Vault& vault, std::string_view event,
                          std::string_view text);

/// The same after one that made a version, which --json describes.
Result<int> report_version(const Session& session, const Vault& vault, std::uint32_t number,
                           std::string_view text);

}  // namespace tokenvault::cli
