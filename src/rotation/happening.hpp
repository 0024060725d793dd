#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "format/rotation.hpp"
#include "rotation/machine.hpp"
#include "tokenvault/provider.hpp"

namespace tokenvault::rotation {

/// What a provider told of a new token.
struct Facts {
  std::string id;
  std::string owner;
  std::optional<Time> expires;
};

/// An event with all that belongs to it. Texts may come from outside.
struct Happening {
  Event event;
  const SecretBuffer* value = nullptr;        ///< received: the token
  std::optional<format::Id16> rotation = {};  ///< the one that it belongs to; nothing: whichever there is
  std::uint32_t version = 0;   ///< probed: the new one asked about; revoked, waived: the one owed
  std::string id = {};         ///< revoked, waived: the provider's name, or the rotation's for version 0
  Facts facts = {};            ///< of the new token
  std::string old_owner = {};  ///< probed: whose the old token is
  std::string message = {};    ///< the provider's
  std::optional<std::chrono::seconds> retry_after = {};
  bool theirs = false;  ///< tokens that no rotation made are to be ended too
};

/// Whether that is how `owed` is named: by its version, or, without one, by its rotation.
[[nodiscard]] inline bool is_named(const Obligation& owed, std::uint32_t version, std::string_view id) {
  return owed.version == version && (version != 0 || owed.id == id);
}

/// What became of it.
struct Outcome {
  bool allowed = false;
  Effect effect = Effect::none;
  State state;
};

}  // namespace tokenvault::rotation
