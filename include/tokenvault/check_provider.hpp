#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tokenvault/provider.hpp"

namespace tokenvault {

/// What a provider is checked with. It really makes tokens and ends them: give it an account of its own.
struct ProviderCheck {
  SecretBuffer current;  ///< a token that the provider takes now; it is ended where that can be done
  std::map<std::string, std::string> settings;
  std::map<std::string, const SecretBuffer*> secrets;  ///< further ones; must outlive the call
  std::chrono::seconds settle{0};        ///< waited beyond the declared propagation before a fault is found
  const Clock* clock = &system_clock();  ///< must outlive the call
};

struct ProviderReport {
  std::vector<std::string> faults;  ///< a line each, without a value; none: it behaves
  SecretBuffer token;               ///< the one that is good now, or most likely so: do not lose it
  std::uint64_t calls = 0;
};

/// Whether `provider` does what the rotator relies on and what it declares: what it says of good, dead and made-up
/// tokens; that a new one is handed over once, before anything else, and works; what becomes of the old one; that
/// a repeated call makes the same one, where declared; that what a rotation made is found and can be ended, twice
/// too; that no answer's text holds a token. Where a person makes the tokens, what needs no new one.
/// Takes up to the propagation and `settle` for each thing that has to be seen. Calls `provider` from this thread
/// alone. Errors, all before a token is asked for: those of describe(), out_of_memory.
TOKENVAULT_API Result<ProviderReport> check_provider(Provider& provider, ProviderCheck check);

}  // namespace tokenvault
