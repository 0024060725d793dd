#include "place.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <system_error>

#include "core/file_draft.hpp"
#include "core/mutant.hpp"
#include "core/try.hpp"

namespace tokenvault {
namespace {

constexpr std::size_t kLongestPath = 504;  // SQLite's own, less what it appends

bool is_control(unsigned char c) { return c < 0x20 || c == 0x7f; }

}  // namespace

Error place_error(Errc absent, std::string_view action, const std::string& path, int error) {
  const bool denied = error == EACCES || error == EPERM || error == EROFS;
  const bool missing = error == ENOENT || error == ENOTDIR;
  const Errc code = denied ? Errc::permission_denied : missing ? absent : Errc::io;
  return {code, fmt::format("cannot {} {}: {}", action, path, std::generic_category().message(error)), error};
}

Error refused_place(const std::string& path, std::string_view why) {
  return {Errc::refused, fmt::format("refused to open {}: {}", path, why)};
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Status admit_name(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  if (!mutated("place.name") && (name.empty() || name == "." || name == ".."))
    return Error(Errc::invalid_argument, "a vault needs a path that ends in a file name");
  if (!mutated("place.control") &&
      std::ranges::any_of(path, is_control))  // it would be in every message, which is one line
    return Error(Errc::invalid_argument, "the path of a vault holds a control character");
  if (!mutated("place.size") &&
      (path.size() > kLongestPath || name.size() + FileDraft::kSuffix.size() > NAME_MAX))
    return Error(Errc::invalid_argument,
                 "the path of a vault is too long: 504 bytes are the limit, 244 for the name");
  return Ok{};
}

Result<std::string> resolve(const std::string& path) {
  const std::string folder = folder_of(path);
  char real[PATH_MAX];
  if (::realpath(folder.c_str(), real) == nullptr) {
    if (errno == ENOENT || errno == ENOTDIR)
      return Error(Errc::no_vault, fmt::format("no vault at {}: there is no folder {}", path, folder));
    return place_error(Errc::io, "look into folder", folder, errno);
  }
  const std::string found = real;
  auto place = (found == "/" ? found : found + "/") + path.substr(path.rfind('/') + 1);
  TV_CHECK(admit_name(place));
  return place;
}

Status admit_kind(const std::string& path, const struct stat& seen) {
  if (S_ISLNK(seen.st_mode) && !mutated("place.link"))
    return refused_place(path, "it is a symbolic link; name the file it points to");
  if (!mutated("place.regular") && !S_ISREG(seen.st_mode))
    return refused_place(path, "it is not a regular file");
  if (!mutated("place.owner") && seen.st_uid != ::geteuid() && seen.st_uid != 0)
    return refused_place(path, "it belongs to another user");
  if (!mutated("place.writable") && (seen.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return refused_place(path, "others can write it; run chmod go-w on it");
  // Each name would have its own files beside it, and a commit to one would not be seen under the other.
  if (!mutated("place.names") && seen.st_nlink > 1)
    return refused_place(path, "it has other names (hard links); copy it or remove them");
  return Ok{};
}

Result<bool> admit_file(const std::string& path) {
  struct stat seen {};
  if (::lstat(path.c_str(), &seen) != 0) {
    if (errno == ENOENT) return false;
    return place_error(Errc::no_vault, "look at", path, errno);
  }
  TV_CHECK(admit_kind(path, seen));
  return true;
}

}  // namespace tokenvault
