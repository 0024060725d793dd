#include "tvp/program.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "core/utf8.hpp"

namespace tokenvault::tvp {
namespace {

/// Why nobody should start a file of this kind; nullptr where nothing is wrong with it.
const char* fault_of(const struct stat& file) {
  if (!S_ISREG(file.st_mode)) return "it is not a regular file";
  if ((file.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0) return "it is not executable: chmod u+x it";
  // Such a program could not be ended at the deadline.
  if ((file.st_mode & (S_ISUID | S_ISGID)) != 0) return "it is set-user-id or set-group-id";
  if ((file.st_mode & (S_IWGRP | S_IWOTH)) != 0) return "others may change it: chmod go-w it";
  if (file.st_uid != 0 && file.st_uid != ::geteuid()) return "it belongs to neither root nor this user";
  return nullptr;
}

Error unseen(const std::string& path, int error) {
  const Errc code = error == ENOENT || error == ENOTDIR ? Errc::not_found
                    : error == EACCES                   ? Errc::permission_denied
                                                        : Errc::io;
  return Error(code,
               fmt::format("cannot find the program {}: {}", path, std::generic_category().message(error)),
               error);
}

}  // namespace

Status check_program(const std::string& path) {
  if (path.empty() || path.front() != '/' || !is_plain_text(path)) {
    return Error(Errc::invalid_argument, "cannot use a program that is not named by an absolute path");
  }
  struct stat file = {};
  if (::stat(path.c_str(), &file) != 0) return unseen(path, errno);
  if (const char* fault = fault_of(file)) {
    return Error(Errc::refused, fmt::format("cannot use the program {}: {}", path, fault));
  }
  if (::access(path.c_str(), X_OK) != 0) {
    return Error(Errc::refused, fmt::format("cannot use the program {}: this user may not execute it", path));
  }
  return Ok{};
}

}  // namespace tokenvault::tvp
