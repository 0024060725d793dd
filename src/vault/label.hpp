#pragma once
#include <string_view>

#include "tokenvault/error.hpp"

namespace tokenvault {

/// refused unless `label` is UTF-8 of at most 255 bytes without control characters.
Status check_label(std::string_view label);

}  // namespace tokenvault
