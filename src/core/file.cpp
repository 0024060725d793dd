#include "core/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "core/mutant.hpp"
#include "core/try.hpp"

namespace tokenvault {

Status fill_standard_descriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    const int filled = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (filled > STDERR_FILENO) ::close(filled);  // another thread was quicker
    if (filled < 0)
      return Error(Errc::io, "cannot open /dev/null: " + std::generic_category().message(errno), errno);
  }
  return Ok{};
}

Status sync_folder(const std::string& folder) {
  const File file(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (file && (mutated("file.folder_sync") || ::fsync(file.get()) == 0)) return Ok{};
  const int error = errno;
  return Error(Errc::io, "cannot sync folder " + folder + ": " + std::generic_category().message(error),
               error);
}

Status make_folders(const std::string& folder) {
  if (folder.empty() || ::access(folder.c_str(), F_OK) == 0) return Ok{};
  const auto parent = std::filesystem::path(folder).parent_path().string();
  TV_CHECK(make_folders(parent));
  if (::mkdir(folder.c_str(), mutated("file.made_folder_mode") ? 0755 : 0700) == 0)
    return mutated("file.made_folder_sync") ? Status(Ok{}) : sync_folder(parent);
  if (errno == EEXIST) return Ok{};
  const int error = errno;
  return Error(error == EACCES ? Errc::permission_denied : Errc::io,
               "cannot make folder " + folder + ": " + std::generic_category().message(error), error);
}

}  // namespace tokenvault
