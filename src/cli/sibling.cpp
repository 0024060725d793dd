#include "sibling.hpp"

#include <unistd.h>

#include <cerrno>

#include "failure.hpp"
#include "program_folders.hpp"

extern char** environ;

namespace tokenvault::cli {
namespace {

constexpr const char* kName = "tokenvault-etcd";

Error not_installed() {
  return {Errc::unsupported,
          "a vault in etcd needs the program tokenvault-etcd, which is not installed: it is built where "
          "libcurl is there, and `meson install` puts it beside tokenvault"};
}

/// Not installed where it is in none of the folders.
Error start(char** words) {
  for (const auto& folder : program_folders()) {
    const auto path = (folder / kName).string();
    ::execve(path.c_str(), words, environ);
    if (errno != ENOENT && errno != ENOTDIR) return system_error("start " + path);
  }
  return not_installed();
}

}  // namespace

Error become_sibling(char** words, const Inherited& before) {
  (void)restore_process(before);
  auto failure = start(words);
  // Saying so is this program's again, and whoever listens may be gone.
  const auto prepared = prepare_process();
  return prepared ? failure : prepared.error();
}

}  // namespace tokenvault::cli
