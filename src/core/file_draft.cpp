#include "core/file_draft.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "core/mutant.hpp"

namespace tokenvault {

FileDraft::FileDraft(const std::string& path)
    : path_(path),
      name_(path + std::string(kSuffix)),
      file_(::mkostemp(name_.data(), O_CLOEXEC)),
      made_(file_) {}

FileDraft::~FileDraft() {
  if (made_ && !mutated("draft.unlink")) ::unlink(name_.c_str());
}

bool FileDraft::write(std::span<const std::byte> bytes) const noexcept {
  if (!file_ || ::fchmod(file_.get(), 0600) != 0) return false;
  // Until File had it, it may have been a standard descriptor, and somebody may have printed to that.
  if (::ftruncate(file_.get(), 0) != 0) return false;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto rest = bytes.subspan(at);
    const ssize_t sent = ::pwrite(file_.get(), rest.data(), rest.size(), static_cast<off_t>(at));
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    at += static_cast<std::size_t>(sent);
  }
  return true;
}

bool FileDraft::replace() noexcept {
  if (!file_ || (!mutated("draft.replace_sync") && ::fsync(file_.get()) != 0)) return false;
  made_ = ::rename(name_.c_str(), path_.c_str()) != 0;
  return !made_;
}

/// A link is the second choice: between it and the unlink the file has two names.
bool FileDraft::publish() noexcept {
  if (!file_ || (!mutated("draft.publish_sync") && ::fsync(file_.get()) != 0)) return false;
  file_ = File(-1);
  if (::renameat2(AT_FDCWD, name_.c_str(), AT_FDCWD, path_.c_str(),
                  mutated("draft.publish_noreplace") ? 0U : RENAME_NOREPLACE) == 0)
    return true;
  if (errno != EINVAL && errno != ENOSYS) return false;
  return ::link(name_.c_str(), path_.c_str()) == 0;
}

}  // namespace tokenvault
