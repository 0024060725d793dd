#include "tokenvault/check_provider.hpp"

#include <tuple>

#include "core/try.hpp"
#include "rotation/checkup.hpp"

namespace tokenvault {
namespace {

auto fields_of(const ProviderCapabilities& declared) {
  return std::tie(declared.issue, declared.old, declared.find, declared.revoke, declared.probe,
                  declared.one_previous, declared.overlap, declared.propagation, declared.steps);
}

}  // namespace

Result<ProviderReport> check_provider(Provider& provider, ProviderCheck check) {
  TV_TRY(const auto declared, provider.describe());
  TV_TRY(const auto again, provider.describe());
  rotation::Checkup checkup(provider, std::move(check), declared);
  if (fields_of(declared) != fields_of(again))
    checkup.wrong("describe: it declares something else each time");
  if (const auto sound = check_capabilities(declared); !sound)
    checkup.wrong("describe: " + sound.error().message());
  return checkup.run();
}

}  // namespace tokenvault
