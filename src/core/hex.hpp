#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace tokenvault {

/// Lower-case hex of public bytes.
std::string to_hex(std::span<const std::byte> bytes);

/// Fills all of `out` from exactly as much hex; false for anything else.
bool from_hex(std::string_view text, std::span<std::byte> out) noexcept;

}  // namespace tokenvault
