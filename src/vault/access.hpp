#pragma once
#include "vault/impl.hpp"

namespace tokenvault {

/// For the rooms above, which change entries under rules of their own.
struct VaultAccess {
  static Vault::Impl& of(Vault& vault) noexcept { return *vault.impl_; }
};

}  // namespace tokenvault
