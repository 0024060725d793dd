#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "core/file_draft.hpp"
#include "core/mutant.hpp"
#include "core/try.hpp"
#include "crypto/aead.hpp"
#include "crypto/random.hpp"
#include "tokenvault/key_source.hpp"

namespace tokenvault {
namespace {

using crypto::kKeySize;

Error cannot(const char* what, const std::string& path, int error) {
  const auto code = error == ENOENT                    ? Errc::no_key
                    : error == EACCES                  ? Errc::permission_denied
                    : error == EEXIST                  ? Errc::already_exists
                    : error == ELOOP || error == ENXIO ? Errc::refused
                                                       : Errc::io;
  const std::string why = error == ELOOP   ? "it is a symbolic link"
                          : error == ENXIO ? "it is not a regular file"
                                           : std::generic_category().message(error);
  return {code, std::string("cannot ") + what + " " + path + ": " + why, error};
}

Status check_guarded(const std::string& path, const struct stat& seen) {
  const auto refuse = [&](const char* why) {
    return Error(Errc::refused, "secret file " + path + " " + why);
  };
  if (!S_ISREG(seen.st_mode) && !mutated("key_file.regular")) return refuse("is not a regular file");
  if (!mutated("key_file.owner") && seen.st_uid != ::geteuid() && seen.st_uid != 0)
    return refuse("belongs to another user");
  if (!mutated("key_file.writable") && (seen.st_mode & 022) != 0)
    return refuse("can be written by others: chmod 600 it");
  if (!mutated("key_file.readable") && (seen.st_mode & 044) != 0)
    return refuse("can be read by others: chmod 600 it");
  return Ok{};
}

struct GuardedFile {
  File file;
  std::size_t size;
};

Result<GuardedFile> open_guarded(const std::string& path) {
  // O_NONBLOCK: opening a FIFO must not wait for a writer before it can be refused.
  File file(
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | (mutated("key_file.link") ? 0 : O_NOFOLLOW) | O_NONBLOCK));
  if (!file) return cannot("read secret file", path, errno);
  struct stat seen {};
  if (::fstat(file.get(), &seen) != 0) return cannot("read secret file", path, errno);
  TV_CHECK(check_guarded(path, seen));
  return GuardedFile{std::move(file), static_cast<std::size_t>(seen.st_size)};
}

}  // namespace

Result<SecretBuffer> read_secret_file(const std::string& path, std::size_t limit) {
  TV_TRY(const auto guarded, open_guarded(path));
  if (!mutated("key_file.limit") && guarded.size > limit)
    return Error(Errc::refused,
                 "secret file " + path + " is longer than " + std::to_string(limit) + " bytes");
  return SecretBuffer::read_from(guarded.file.get(), limit);
}

Result<KeySource> key_from_file(const std::string& path) {
  TV_TRY(const auto guarded, open_guarded(path));
  if (!mutated("key_file.size") && guarded.size != kKeySize)
    return Error(Errc::wrong_key,
                 "key file " + path + " has " + std::to_string(guarded.size) + " bytes, not 32");
  TV_TRY(auto key, SecretBuffer::read_from(guarded.file.get(), kKeySize));
  return KeySource::raw_key(std::move(key));
}

/// Whole or not at all: an `init` that was killed must not leave a key file that is no key.
Status make_key_file(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path().string();
  TV_CHECK(make_folders(folder));
  TV_TRY(auto key, SecretBuffer::allocate(kKeySize));
  crypto::random_fill(key.expose_writable());
  FileDraft draft(path);
  if (!draft.write(key.expose()) || !draft.publish()) return cannot("make key file", path, errno);
  return mutated("key_file.folder_sync") ? Status(Ok{}) : sync_folder(folder);
}

}  // namespace tokenvault
