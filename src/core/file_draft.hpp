#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "core/file.hpp"

namespace tokenvault {

/// A new file under a random name beside its place, 0600: whoever looks at the place sees nothing, or
/// all of it. Removed again unless it was published. Where a call is false errno says why.
class FileDraft {
 public:
  static constexpr std::string_view kSuffix = ".new-XXXXXX";

  explicit FileDraft(const std::string& path);
  ~FileDraft();
  FileDraft(const FileDraft&) = delete;
  FileDraft& operator=(const FileDraft&) = delete;

  [[nodiscard]] bool write(std::span<const std::byte> bytes) const noexcept;
  /// Syncs the file and gives it its name; never replaces what is there, which is EEXIST. The folder
  /// is left to sync_folder(). It is closed before: to close it later would give back every lock (fcntl) that another
  /// thread of this process has on the file by then.
  [[nodiscard]] bool publish() noexcept;
  /// The same in place of what is there. After a failure it may have happened: the place then shows file().
  [[nodiscard]] bool replace() noexcept;

  [[nodiscard]] const File& file() const noexcept { return file_; }
  /// Keeps the published file open.
  [[nodiscard]] File take() noexcept { return std::move(file_); }

 private:
  std::string path_;
  std::string name_;
  File file_;
  bool made_;
};

}  // namespace tokenvault
