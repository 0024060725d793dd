#pragma once
#include <optional>
#include <string_view>

#include "../session.hpp"

namespace tokenvault::cli {

/// A token on its way to the program that asked for it.
struct HandedToken {
  SecretBuffer value;
  std::optional<Time> expires;  ///< where that is yet to come
};

/// The current version of `name`, from the vault that is opened for it. Errors: refused (standard output is a terminal,
/// and not --reveal), expired (and not --expired-ok), not_found, and those of Session::vault().
Result<HandedToken> hand_out(const Session& session, std::string_view name);

/// Whether a client gets the value as it is. Errors: refused.
Status check_no_controls(const HandedToken& token, std::string_view name);  ///< as a line
Status check_header(const HandedToken& token,
                    std::string_view name);  ///< in an HTTP header: see is_printable()

}  // namespace tokenvault::cli
