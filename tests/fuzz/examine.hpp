#pragma once
#include <functional>
#include <memory>

#include "tokenvault/vault.hpp"

namespace tokenvault::fuzz {

/// Does with the vault in a store all that an owner of the known key does, and holds every answer to what the headers
/// promise: errors as documented; what verify() finds clean can be listed, read, copied, moved to another master key
/// and changed, and says the same afterwards. `open` gives the store, afresh each time.
void examine(const std::function<Result<std::unique_ptr<Store>>()>& open);

}  // namespace tokenvault::fuzz
