#pragma once
// Takes away one guard of ours, in the build that tests the tests (-Dmutants=true); in any other it is nothing.
#ifdef TOKENVAULT_MUTANTS
#include <cstdlib>
#include <string>
#include <string_view>
#endif

namespace tokenvault {

#ifdef TOKENVAULT_MUTANTS

/// Whether the guard of that name is gone, as the variable TOKENVAULT_MUTANT says: one name, or more between commas.
/// tests/mutants/mutants.tsv says what each name stands for, and which test notices.
inline bool mutated(std::string_view guard) {
  // Read once, since tests change the environment, and never destroyed, since secrets outlive everything.
  static const std::string& gone = *[] {
    const char* names = std::getenv("TOKENVAULT_MUTANT");
    return names == nullptr || *names == '\0' ? new std::string
                                              : new std::string("," + std::string(names) + ",");
  }();
  if (gone.empty()) return false;
  const auto at = gone.find(guard);
  return at != std::string::npos && gone[at - 1] == ',' && gone[at + guard.size()] == ',';
}

#else

/// At once: so not even a build without optimisation holds the name.
consteval bool mutated(const char*) { return false; }

#endif

}  // namespace tokenvault
