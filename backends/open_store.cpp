#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tokenvault/backends.hpp"

namespace tokenvault {
namespace {

struct Scheme {
  std::string_view name;
  Result<std::unique_ptr<Store>> (*open)(std::string_view rest, const StoreOptions& options);
};

Result<std::unique_ptr<Store>> open_memory(std::string_view rest, const StoreOptions&) {
  if (!rest.empty()) return Error(Errc::invalid_argument, "memory: takes nothing after the colon");
  return open_memory_store();
}

Result<std::unique_ptr<Store>> open_file(std::string_view rest, const StoreOptions& options) {
  if (rest.empty()) return Error(Errc::invalid_argument, "file: needs a path after the colon");
  return open_file_store(std::string(rest), options);
}

Result<std::unique_ptr<Store>> open_env(std::string_view rest, const StoreOptions&) {
  return open_env_store(std::string(rest));
}

Result<std::unique_ptr<Store>> open_plain(std::string_view, const StoreOptions&) {
  return Error(Errc::unsupported,
               "plain variables are no store of sealed blobs: open_plain_environment() reads them");
}

Result<std::unique_ptr<Store>> open_etcd(std::string_view, const StoreOptions&) {
  return Error(Errc::unsupported,
               "etcd has a library of its own: open_etcd_store() of tokenvault-etcd opens a vault there");
}

#ifdef TOKENVAULT_SQLITE
Result<std::unique_ptr<Store>> open_sqlite(std::string_view rest, const StoreOptions& options) {
  if (rest.empty()) return Error(Errc::invalid_argument, "sqlite: needs a path after the colon");
  return open_sqlite_store(std::string(rest), options);
}
#else
constexpr auto open_sqlite = nullptr;
#endif

/// Every backend there is; a null opener is one that this build does not have.
constexpr std::array kSchemes = {
    Scheme{"sqlite", open_sqlite}, Scheme{"memory", open_memory},   Scheme{"file", open_file},
    Scheme{"env", open_env},       Scheme{"env-plain", open_plain}, Scheme{"etcd", open_etcd},
};

}  // namespace

Result<std::unique_ptr<Store>> open_store(std::string_view uri, const StoreOptions& options) {
  if (uri.empty()) return Error(Errc::invalid_argument, "a vault needs a place: a path or sqlite:PATH");
  // A colon before any slash ends a scheme, all else is a path: "a:b" is never taken for a file that
  // happens to exist, and "./a:b" always is.
  const auto colon = uri.find(':');
  const bool bare = colon >= uri.find('/');
  const std::string_view scheme = bare ? "sqlite" : uri.substr(0, colon);
  const auto* const found = std::ranges::find(kSchemes, scheme, &Scheme::name);
  if (found == kSchemes.end())
    return Error(Errc::invalid_argument,
                 "unknown kind of vault before the colon; for a file whose name holds a colon write ./NAME");
  if (found->open == nullptr)
    return Error(Errc::unsupported,
                 fmt::format("cannot open a vault in {}: this build does not have that backend", scheme));
  return found->open(bare ? uri : uri.substr(colon + 1), options);
}

}  // namespace tokenvault
