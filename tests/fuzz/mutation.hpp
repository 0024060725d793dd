#pragma once
#include <cstddef>

#include "core/bytes.hpp"
#include "tokenvault/store.hpp"

namespace tokenvault::fuzz {

/// `bytes` changed by LLVMFuzzerMutate, and at most `most` of them.
Bytes mutated(Bytes bytes, std::size_t most);

/// A vault in one piece with one to three changes: of its bytes as they are, or, mostly, of what lies below its seals,
/// all of which fit again afterwards.
Bytes mutated_vault(BytesView container, std::size_t most, unsigned seed);

}  // namespace tokenvault::fuzz
