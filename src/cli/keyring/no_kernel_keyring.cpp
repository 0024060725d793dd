// For a build without libkeyutils.
#include "kernel_keyring.hpp"

namespace tokenvault::cli {
namespace {

Error not_built() {
  return {Errc::unsupported,
          "this tokenvault was built without libkeyutils: it cannot keep a key in the kernel"};
}

}  // namespace

std::string_view to_string(KernelKeyring keyring) noexcept {
  return keyring == KernelKeyring::user ? "user" : "session";
}

Status check_kernel_keyring(KernelKeyring) { return not_built(); }

Status keep_in_kernel(KernelKeyring, const std::string&, const SecretBuffer&, std::chrono::seconds) {
  return not_built();
}

Result<std::optional<SecretBuffer>> read_from_kernel(KernelKeyring, const std::string&, std::size_t) {
  return not_built();
}

Result<int> forget_in_kernel(std::string_view) { return not_built(); }

}  // namespace tokenvault::cli
