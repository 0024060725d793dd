#pragma once
#include <algorithm>

#include "core/mutant.hpp"
#include "tokenvault/store.hpp"

namespace tokenvault {

/// The limits every backend holds a commit to before it looks at anything else. Errors:
/// invalid_argument.
inline Status admit_sizes(const Commit& commit) {
  if (!mutated("commit.root_size") && (commit.root.empty() || commit.root.size() > kMaxRootSize))
    return Error(Errc::invalid_argument, "cannot commit: a root has 1 to 262144 bytes");
  const auto fits = [](const Blob& blob) { return !blob.bytes.empty() && blob.bytes.size() <= kMaxBlobSize; };
  if (!mutated("commit.blob_size") && !std::ranges::all_of(commit.put, fits))
    return Error(Errc::invalid_argument, "cannot commit: a blob has 1 to 131072 bytes");
  return Ok{};
}

}  // namespace tokenvault
