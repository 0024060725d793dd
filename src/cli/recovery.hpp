#pragma once
#include <optional>
#include <string>

#include "descriptor.hpp"
#include "session.hpp"

namespace tokenvault::cli {

/// A new file of ours, 0600, that is unlinked again unless it is kept.
class NewFile {
 public:
  /// Errors: refused (something of that name is there), permission_denied, io.
  static Result<NewFile> make(const std::string& path);
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&& other) noexcept;
  ~NewFile();

  /// For writing; this object's own.
  [[nodiscard]] int descriptor() const noexcept { return file_.get(); }
  /// What was written is durable, and the file stays from then on. Errors: io.
  Status keep();
  /// Writes the secret, and a line end where `line`, durably; the file stays from then on.
  Status keep(const SecretBuffer& secret, bool line);

 private:
  NewFile(Descriptor file, std::string path) noexcept : file_(std::move(file)), path_(std::move(path)) {}
  Descriptor file_;
  std::string path_;
};

/// Adds a recovery slot and hands the code out: into `file`, else at the terminal.
Result<SlotId> add_recovery(Vault& vault, std::optional<NewFile>& file, std::string_view label,
                            const Session& session);

}  // namespace tokenvault::cli
