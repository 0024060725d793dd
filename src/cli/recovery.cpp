#include "recovery.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "failure.hpp"
#include "output.hpp"
#include "prompt.hpp"
#include "try.hpp"

namespace tokenvault::cli {
namespace {

Status sync_folder(const std::string& path) {
  const auto slash = path.rfind('/');
  const auto folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened || ::fsync(opened.get()) != 0) return system_error("sync the folder of " + path);
  return Ok{};
}

Status show_code(const Terminal& terminal, const SecretBuffer& code) {
  TV_CHECK(terminal.show(
      "\nThis code opens the vault when every key is lost. Write it down; it is shown only now.\n\n  "));
  TV_CHECK(terminal.show(code));
  return terminal.show("\n\n");
}

/// The slot that is there now and was not before.
Result<SlotId> added_slot(const Vault& vault, const VaultInfo& before) {
  TV_TRY(const auto after, vault.info());
  for (const auto& slot : after.slots)
    if (std::ranges::find(before.slots, slot.id, &SlotInfo::id) == before.slots.end()) return slot.id;
  return Error(Errc::internal, "the new recovery slot is not there");
}

}  // namespace

Result<NewFile> NewFile::make(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file && errno == EEXIST) return Error(Errc::refused, path + " is there already and is left alone");
  if (!file) return system_error("make " + path);
  return NewFile(std::move(file), path);
}

NewFile::NewFile(NewFile&& other) noexcept
    : file_(std::move(other.file_)), path_(std::exchange(other.path_, {})) {}

NewFile& NewFile::operator=(NewFile&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(path_, other.path_);
  return *this;
}

NewFile::~NewFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

Status NewFile::keep(const SecretBuffer& secret, bool line) {
  TV_CHECK(write_secret(file_.get(), secret));
  if (line) TV_CHECK(write_all(file_.get(), "\n"));
  return keep();
}

Status NewFile::keep() {
  if (::fsync(file_.get()) != 0) return system_error("sync " + path_);
  TV_CHECK(sync_folder(path_));
  path_.clear();
  return Ok{};
}

Result<SlotId> add_recovery(Vault& vault, std::optional<NewFile>& file, std::string_view label,
                            const Session& session) {
  std::optional<Terminal> terminal;
  if (!file) {
    TV_TRY(terminal, Terminal::open(!session.settings.no_input));
  }
  TV_TRY(const auto before, vault.info());
  TV_TRY(const auto code, vault.add_recovery(label));
  if (file) {
    TV_CHECK(file->keep(code, true));
  } else {
    TV_CHECK(show_code(*terminal, code));
  }
  return added_slot(vault, before);
}

}  // namespace tokenvault::cli
