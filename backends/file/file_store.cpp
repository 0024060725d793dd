#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <mutex>
#include <optional>

#include "commit_sizes.hpp"
#include "container.hpp"
#include "core/file_draft.hpp"
#include "core/mutant.hpp"
#include "core/try.hpp"
#include "file/file_version.hpp"
#include "file/lock_file.hpp"
#include "place.hpp"
#include "tokenvault/backends.hpp"

namespace tokenvault {
namespace {

/// The whole vault in memory, as the file held it when it was last looked at. A commit writes a new file
/// and puts it in the old one's place.
class FileStore final : public Store {
 public:
  FileStore(std::string path, const StoreOptions& options) : path_(std::move(path)), options_(options) {}

  [[nodiscard]] Capabilities capabilities() const noexcept override {
    return {.writable = true, .durable = true, .shared = true, .wait = false};
  }

  Result<Root> root() override;
  Result<Bytes> get(const BlobId& id) override;
  Result<Revision> commit(const Commit& commit) override;
  Result<std::vector<BlobId>> list(const std::optional<BlobId>& after, std::size_t limit) override;
  Result<Revision> revision() override;
  Status check() override;

  /// Makes held_ what is in the place now. Errors: as root(), no_vault apart.
  Status look();

 protected:
  void enter_read() noexcept override {
    mutex_.lock();
    if (depth_++ == 0) scoped_ = look();  // what is wrong shows in the calls that follow
  }
  void leave_read() noexcept override {
    --depth_;
    mutex_.unlock();
  }

 private:
  /// One file, kept open so that its inode is not used again for another.
  struct Held {
    File file;
    FileVersion version;
    Container content;
    Revision revision = Revision::absent;
  };

  /// Nothing that we put in place is shown before its folder has said that it stays: to be read is what a
  /// writer in doubt takes for done. Errors: io.
  Status settle_place();
  Status look_unless_scoped() { return depth_ > 0 ? scoped_ : look(); }
  Result<std::optional<Held>> read() const;
  Result<Container> next(const Commit& commit) const;
  Result<Revision> publish(Container next);
  void clear_drafts() const;
  /// Syncs the draft and puts it in place. Errors: io and the like (nothing changed), in_doubt.
  Status replace(FileDraft& draft) const;
  /// Whether it is what is in the place now; nullopt where that cannot be told.
  [[nodiscard]] std::optional<bool> shows(const File& file) const noexcept;

  const std::string path_;
  const StoreOptions options_;
  std::recursive_mutex mutex_;
  std::optional<Held> held_;
  bool settled_ = true;   // false: a file of ours may have got its place, and may lose it again
  int depth_ = 0;         // of read scopes
  Status scoped_ = Ok{};  // what the outermost of them met
};

Error absent(const std::string& path) { return {Errc::no_vault, fmt::format("no vault at {}", path)}; }

Status FileStore::settle_place() {
  if (!settled_ && !mutated("file.settled")) TV_CHECK(sync_folder(folder_of(path_)));
  settled_ = true;
  return Ok{};
}

Status FileStore::look() {
  TV_CHECK(settle_place());
  struct stat seen {};
  if (held_ && ::lstat(path_.c_str(), &seen) == 0 &&
      (mutated("file.version") || FileVersion::of(seen) == held_->version))
    return Ok{};
  TV_TRY(held_, read());
  return Ok{};
}

Result<Bytes> read_all(const File& file, std::size_t size, const std::string& path) {
  Bytes bytes(size);
  for (std::size_t at = 0; at < size;) {
    const auto got = ::pread(file.get(), bytes.data() + at, size - at, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return place_error(Errc::io, "read", path, errno);
    if (got == 0) return Error(Errc::tampered, fmt::format("{} shrank while it was read", path));
    at += static_cast<std::size_t>(got);
  }
  return bytes;
}

Error in_file(const Error& error, const std::string& path) {
  return {error.code(), fmt::format("{}: {}", path, error.message())};
}

Result<std::optional<FileStore::Held>> FileStore::read() const {
  TV_TRY(const bool present, admit_file(path_));
  if (!present) return std::optional<Held>();
  Held held{File(::open(path_.c_str(),
                        O_RDONLY | O_CLOEXEC | (mutated("file.read_link") ? 0 : O_NOFOLLOW) | O_NONBLOCK)),
            {},
            {},
            {}};
  if (!held.file) return place_error(Errc::no_vault, "open", path_, errno);
  struct stat seen {};
  if (::fstat(held.file.get(), &seen) != 0) return place_error(Errc::io, "look at", path_, errno);
  if (!mutated("file.read_kind"))
    TV_CHECK(admit_kind(path_, seen));  // what was looked at before may be another by now
  const auto size = static_cast<std::size_t>(seen.st_size);
  if (!mutated("file.read_size") && size > options_.max_size)
    return Error(Errc::refused,
                 fmt::format("refused to open {}: {} bytes, and {} are the limit of a vault in a "
                             "file; move it to sqlite:",
                             path_, size, options_.max_size));
  TV_TRY(const auto bytes, read_all(held.file, size, path_));
  auto content = parse_container(bytes);
  if (!content) return in_file(content.error(), path_);
  held.content = *std::move(content);
  held.version = FileVersion::of(seen);
  held.revision = revision_of(held.version, held.content.root);
  return std::optional(std::move(held));
}

Result<Root> FileStore::root() {
  const std::lock_guard lock(mutex_);
  TV_CHECK(look_unless_scoped());
  if (!held_) return absent(path_);
  return Root{held_->content.root, held_->revision};
}

Result<Bytes> FileStore::get(const BlobId& id) {
  const std::lock_guard lock(mutex_);
  TV_CHECK(look_unless_scoped());
  if (held_)
    if (const auto found = held_->content.blobs.find(id); found != held_->content.blobs.end())
      return found->second;
  return Error(Errc::not_found, fmt::format("no such blob in {}", path_));
}

Result<std::vector<BlobId>> FileStore::list(const std::optional<BlobId>& after, std::size_t limit) {
  const std::lock_guard lock(mutex_);
  TV_CHECK(look_unless_scoped());
  std::vector<BlobId> ids;
  if (!held_) return ids;
  const auto& blobs = held_->content.blobs;
  for (auto at = after ? blobs.upper_bound(*after) : blobs.begin(); at != blobs.end() && ids.size() < limit;
       ++at)
    ids.push_back(at->first);
  return ids;
}

Result<Revision> FileStore::revision() {
  const std::lock_guard lock(mutex_);
  TV_CHECK(look_unless_scoped());
  return held_ ? held_->revision : Revision::absent;
}

Status FileStore::check() {
  const auto whole = read();
  return whole ? Status(Ok{}) : whole.error();
}

/// What the file is to hold. Errors: as commit().
Result<Container> FileStore::next(const Commit& commit) const {
  if (!mutated("file.swap") && commit.expected != (held_ ? held_->revision : Revision::absent))
    return Error(Errc::conflict, fmt::format("cannot commit to {}: it has changed", path_));
  Container next;
  if (held_) next.blobs = held_->content.blobs;
  next.root.assign(commit.root.begin(), commit.root.end());
  for (const Blob& blob : commit.put)
    if (const auto [at, fresh] = next.blobs.emplace(blob.id, blob.bytes);
        !fresh && at->second != blob.bytes && !mutated("file.taken"))
      return Error(Errc::already_exists,
                   fmt::format("cannot commit to {}: a blob id is taken by other bytes", path_));
  for (const BlobId& id : commit.erase) next.blobs.erase(id);
  if (!mutated("file.size") && next.size() > options_.max_size)
    return Error(Errc::refused,
                 fmt::format("cannot commit to {}: {} bytes, and {} are the limit of a vault in a "
                             "file; move it to sqlite:",
                             path_, next.size(), options_.max_size));
  return next;
}

Result<Revision> FileStore::commit(const Commit& commit) {
  TV_CHECK(admit_sizes(commit));
  const auto size = root_size(commit.root);
  if (!mutated("file.whole_root") && (!size || *size != commit.root.size()))
    return Error(Errc::invalid_argument, "cannot commit: this is not a vault's root, and nothing more");
  // First, and of threads too: who waits for it keeps no reader of this store waiting.
  TV_TRY(const auto alone,
         LockFile::acquire(path_ + (mutated("file.lock") ? ".mutant" + std::to_string(::getpid()) : ".lock"),
                           options_.lock_timeout));
  const std::lock_guard lock(mutex_);
  TV_CHECK(look());
  TV_TRY(auto content, next(commit));
  if (!mutated("file.clears")) clear_drafts();
  return publish(std::move(content));
}

std::optional<bool> FileStore::shows(const File& file) const noexcept {
  struct stat ours {
  }, there{};
  if (::fstat(file.get(), &ours) != 0) return std::nullopt;
  if (::lstat(path_.c_str(), &there) != 0)
    return errno == ENOENT || errno == ENOTDIR ? std::optional(false) : std::nullopt;
  return ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

Status FileStore::replace(FileDraft& draft) const {
  if (draft.replace()) return Ok{};
  const int error = errno;
  const auto happened = shows(draft.file());
  if (!happened)
    return Error(Errc::in_doubt, fmt::format("cannot tell whether {} was replaced: look again", path_),
                 error);
  return *happened ? Status(Ok{}) : place_error(Errc::io, "replace", path_, error);
}

Result<Revision> FileStore::publish(Container content) {
  FileDraft draft(path_);
  if (!draft.write(encode(content)) || !stamp(draft.file()))
    return place_error(Errc::io, "write beside", path_, errno);
  settled_ = false;
  if (const auto replaced = replace(draft); !replaced) {
    settled_ = replaced.error().code() != Errc::in_doubt;
    return replaced.error();
  }
  // Asked again where it fails: reading the file back would prove what the cache holds, not the disk.
  const bool durable = mutated("file.durable") || settle_place().has_value() || settle_place().has_value();
  struct stat seen {};
  if (!durable || ::fstat(draft.file().get(), &seen) != 0)
    return Error(Errc::in_doubt,
                 fmt::format("{} is written, and its folder does not say that it stays", path_));
  const auto version = FileVersion::of(seen);
  held_ = Held{draft.take(), version, std::move(content), {}};
  held_->revision = revision_of(version, held_->content.root);
  return held_->revision;
}

/// Left by writers that were killed: nobody else writes while we hold the lock.
void FileStore::clear_drafts() const {
  constexpr auto kPrefix = FileDraft::kSuffix.substr(0, FileDraft::kSuffix.find('X'));
  const auto stem = std::filesystem::path(path_).filename().string() + std::string(kPrefix);
  std::error_code failed;
  // By hand: in a range-for the step to the next entry throws.
  for (std::filesystem::directory_iterator at(folder_of(path_), failed), end; !failed && at != end;
       at.increment(failed)) {
    const auto name = at->path().filename().string();
    if (name.starts_with(stem) && name.size() == stem.size() + FileDraft::kSuffix.size() - kPrefix.size())
      ::unlink(at->path().c_str());
  }
}

}  // namespace

Result<std::unique_ptr<Store>> open_file_store(const std::string& path, const StoreOptions& options) {
  TV_CHECK(admit_name(path));
  if (options.create) TV_CHECK(make_folders(folder_of(path)));
  TV_TRY(auto place, resolve(path));
  auto store = std::make_unique<FileStore>(std::move(place), options);
  TV_CHECK(store->look());
  TV_TRY(const auto revision, store->revision());
  if (revision == Revision::absent && !options.create) return absent(path);
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace tokenvault
