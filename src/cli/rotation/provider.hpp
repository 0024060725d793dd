#pragma once
#include <memory>
#include <string>

#include "../session.hpp"
#include "tokenvault/policy.hpp"
#include "tokenvault/provider.hpp"
#include "tokenvault/vault.hpp"

namespace tokenvault::cli {

/// Whether `policy.provider` can name one: `human`, `exec:/PATH`, `recipe:WORD` or `recipe:/PATH`. Says what
/// can be said without the file system. Errors: invalid_argument (none of these; a setting that cannot be).
Status check_provider_word(const Policy& policy);

/// Whoever a token's policy names. Starts nothing and asks nobody. Errors: refused (it has no policy), the
/// above, unsupported (this installation lacks it), and those of open_exec_provider().
Result<std::unique_ptr<Provider>> provider_of(const TokenInfo& token);

/// The same for what has to work without one, such as giving up: where it cannot be opened or does not say
/// what it is, a notice, and somebody who knows nothing.
Result<std::unique_ptr<Provider>> provider_or_nobody(const Session& session, const TokenInfo& token);

}  // namespace tokenvault::cli
