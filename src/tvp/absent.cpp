#include "tokenvault/exec_provider.hpp"

namespace tokenvault {

Result<std::unique_ptr<Provider>> open_exec_provider(const std::string&,
                                                     const std::map<std::string, std::string>&) {
  return Error(
      Errc::unsupported,
      "cannot use a program as a provider: this build has no exec carrier (configure with -Dexec=enabled)");
}

}  // namespace tokenvault
