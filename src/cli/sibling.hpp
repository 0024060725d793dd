#pragma once
#include "process.hpp"

namespace tokenvault::cli {

/// Starts tokenvault-etcd in the place of this process, with its words, environment and descriptors. Comes back only
/// where that failed. Errors: unsupported (it is not installed), permission_denied, io.
Error become_sibling(char** words, const Inherited& before);

}  // namespace tokenvault::cli
