#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "tokenvault/rotation.hpp"

namespace tokenvault::cli {

/// What `rotate due` came to for one token.
struct DueOutcome {
  enum class Kind : std::uint8_t {
    done,         ///< the new token is current, or what was owed is settled
    waits,        ///< the next run goes on
    needs_human,  ///< a person has to act
    failed,       ///< the policy or the provider is at fault
    due,          ///< a dry run left it alone
  };
  DueToken due;
  Kind result = Kind::failed;
  std::string note;  ///< one line
};

/// "done", "waits", "needs_human", "failed", "due".
[[nodiscard]] std::string_view to_string(DueOutcome::Kind kind) noexcept;

}  // namespace tokenvault::cli
