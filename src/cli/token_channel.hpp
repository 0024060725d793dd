#pragma once
#include <string_view>

#include "descriptor.hpp"
#include "tokenvault/secret.hpp"

namespace tokenvault::cli {

/// A file in memory that holds `value`: read-only for this user, sealed against any change, open across exec.
/// Its number is out of the way of those that scripts use. Errors: io.
Result<Descriptor> memory_file(const SecretBuffer& value);

/// The number of a descriptor as `text` has it, 3 or more. Errors: invalid_argument.
Result<int> parse_descriptor(std::string_view text);

/// Takes descriptor `number`, so that nothing of ours lands there meanwhile; exec would close it.
/// Errors: invalid_argument (somebody has it open, or it is beyond what the process may have), io.
Result<Descriptor> reserve(int number);

/// Puts a pipe with `value` in it, and nobody who writes to it, in the place of `reserved`, open across exec.
/// Errors: io.
Status put_into_pipe(const SecretBuffer& value, const Descriptor& reserved);

}  // namespace tokenvault::cli
