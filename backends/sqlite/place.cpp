#include "sqlite/place.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <system_error>

#include "core/file_draft.hpp"
#include "core/try.hpp"

namespace tokenvault::sqlite {
namespace {

constexpr std::size_t kLongestPath = 504;  // SQLite's own, less what it appends

Error system_error(Errc absent, std::string_view action, const std::string& path, int error) {
  const bool denied = error == EACCES || error == EPERM || error == EROFS;
  const bool missing = error == ENOENT || error == ENOTDIR;
  const Errc code = denied ? Errc::permission_denied : missing ? absent : Errc::io;
  return Error(code, fmt::format("cannot {} {}: {}", action, path, std::generic_category().message(error)),
               error);
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Error refused(const std::string& path, std::string_view why) {
  return Error(Errc::refused, fmt::format("refused to open {}: {}", path, why));
}

/// One file; absent is fine here.
Status admit_file(const std::string& path, bool& present) {
  struct stat seen {};
  present = ::lstat(path.c_str(), &seen) == 0;
  if (!present && errno == ENOENT) return Ok{};
  if (!present) return system_error(Errc::no_vault, "look at", path, errno);
  if (S_ISLNK(seen.st_mode)) return refused(path, "it is a symbolic link; name the file it points to");
  if (!S_ISREG(seen.st_mode)) return refused(path, "it is not a regular file");
  if (seen.st_uid != ::geteuid() && seen.st_uid != 0) return refused(path, "it belongs to another user");
  if ((seen.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return refused(path, "others can write it; run chmod go-w on it");
  // Each name would have its own log beside it, and each log its own commits.
  if (seen.st_nlink > 1) return refused(path, "it has other names (hard links); copy it or remove them");
  return Ok{};
}

}  // namespace

Status admit_name(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  if (name.empty() || name == "." || name == "..")
    return Error(Errc::invalid_argument, "a database needs a path that ends in a file name");
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  if (std::ranges::any_of(path, is_control))  // it would be in every message, which is one line
    return Error(Errc::invalid_argument, "the path of a database holds a control character");
  if (path.size() > kLongestPath || name.size() + FileDraft::kSuffix.size() > NAME_MAX)
    return Error(Errc::invalid_argument,
                 "the path of a database is too long: 504 bytes are the limit, 244 for the name");
  return Ok{};
}

Result<std::string> resolve(const std::string& path) {
  const std::string folder = folder_of(path);
  char real[PATH_MAX];
  if (::realpath(folder.c_str(), real) == nullptr) {
    if (errno == ENOENT || errno == ENOTDIR)
      return Error(Errc::no_vault, fmt::format("no vault at {}: there is no folder {}", path, folder));
    return system_error(Errc::io, "look into folder", folder, errno);
  }
  const std::string found = real;
  auto place = (found == "/" ? found : found + "/") + path.substr(path.rfind('/') + 1);
  TV_CHECK(admit_name(place));
  return place;
}

Status admit_files(const std::string& path) {
  bool present = false;
  for (const char* suffix : {"-wal", "-shm", "-journal", ""}) TV_CHECK(admit_file(path + suffix, present));
  if (!present) return Error(Errc::no_vault, fmt::format("no vault at {}", path));
  return Ok{};
}

Status make_file(const std::string& path, std::span<const std::byte> bytes) {
  const FileDraft draft(path);
  if (!draft.write(bytes) || (!draft.publish() && errno != EEXIST))
    return system_error(Errc::io, "make", path, errno);
  return sync_folder(folder_of(path));
}

}  // namespace tokenvault::sqlite
