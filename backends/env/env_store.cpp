#include <fmt/format.h>

#include <cstdlib>

#include "core/mutant.hpp"
#include "core/try.hpp"
#include "env/base64url.hpp"
#include "tokenvault/backends.hpp"

namespace tokenvault {
namespace {

constexpr std::size_t kLongestValue = 128 * 1024;  // MAX_ARG_STRLEN: no program can be started with more

Status admit_variable(const std::string& variable) {
  if (!variable.empty() && variable.find('=') == std::string::npos &&
      variable.find('\0') == std::string::npos)
    return Ok{};
  return Error(Errc::invalid_argument, "env: needs the name of a variable after the colon");
}

}  // namespace

Result<std::unique_ptr<Store>> open_env_store(const std::string& variable) {
  TV_CHECK(admit_variable(variable));
  const char* const value = std::getenv(variable.c_str());
  if (value == nullptr) return Error(Errc::no_vault, fmt::format("the variable {} is not set", variable));
  const auto bytes = base64url_decode(value);
  if (!bytes)
    return Error(Errc::tampered,
                 fmt::format("the variable {} holds no vault: it is cut, wrapped or padded", variable));
  auto store = open_sealed_store(*bytes);
  if (!store)
    return Error(store.error().code(), fmt::format("the variable {}: {}", variable, store.error().message()));
  return store;
}

Result<std::string> encode_env_value(Store& store) {
  TV_TRY(const auto bytes, copy_sealed(store));
  auto value = base64url_encode(bytes);
  if (value.size() < kLongestValue || mutated("env.size")) return value;
  return Error(Errc::refused,
               fmt::format("the vault takes {} bytes as a variable, and a program is given less than {}",
                           value.size(), kLongestValue));
}

}  // namespace tokenvault
