#pragma once
#include <string>

#include "tokenvault/error.hpp"

namespace tokenvault::tvp {

/// Whether `path` may be started. Errors: invalid_argument (not absolute), not_found, permission_denied, refused.
Status check_program(const std::string& path);

}  // namespace tokenvault::tvp
