#pragma once
#include <map>
#include <memory>
#include <string>

#include "tokenvault/provider.hpp"

namespace tokenvault {

/// A provider where a person gets the token, and nobody can be asked about it: what a policy's word "human"
/// stands for. `settings` are the policy's: `old` (kept, expires, or dies, the default), `url`, and the steps
/// that the person is told, `step1`, `step2` and so on. Its issue() is refused, its probe() unknown.
/// Errors: invalid_argument, with the setting that cannot be.
TOKENVAULT_API Result<std::unique_ptr<Provider>> open_human_provider(
    const std::map<std::string, std::string>& settings = {});

}  // namespace tokenvault
