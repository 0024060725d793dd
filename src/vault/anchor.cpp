#include "vault/anchor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <system_error>

#include "core/file.hpp"
#include "core/hex.hpp"
#include "core/mutant.hpp"
#include "core/try.hpp"

namespace tokenvault {
namespace {

constexpr std::size_t kMaxFile = 1 << 20;
constexpr std::size_t kMaxVaults = 8'000;  // their lines, of 130 bytes at most, fit into kMaxFile

Error cannot(const char* what, const std::string& path) {
  const int error = errno;
  return {error == EACCES ? Errc::permission_denied : Errc::io,
          fmt::format("cannot {} anchors file {}: {}", what, path, std::generic_category().message(error)),
          error};
}

Error damaged(const std::string& path) {
  return {Errc::tampered, fmt::format("anchors file {} is damaged: delete it if you know why", path)};
}

std::string_view next_word(std::string_view& line) {
  const auto space = std::min(line.find(' '), line.size());
  const auto word = line.substr(0, space);
  line.remove_prefix(std::min(space + 1, line.size()));
  return word;
}

/// All of `word`, in range.
template <typename T>
bool parse_number(std::string_view word, T& number) noexcept {
  const char* const end = word.data() + word.size();
  const auto [stopped, error] = std::from_chars(word.data(), end, number);
  return error == std::errc() && stopped == end;
}

bool parse_line(std::string_view line, Anchors& anchors) {
  format::VaultId vault{};
  Anchor anchor;
  if (!from_hex(next_word(line), vault)) return false;
  if (!parse_number(next_word(line), anchor.generation)) return false;
  if (!from_hex(next_word(line), anchor.digest)) return false;
  if (!line.empty() && !parse_number(next_word(line), anchor.epoch)) return false;
  if (!line.empty()) return false;
  return anchors.emplace(vault, anchor).second;
}

Result<std::string> read_text(const std::string& path) {
  const File file(
      ::open(path.c_str(), O_RDONLY | O_CLOEXEC | (mutated("anchor.link") ? 0 : O_NOFOLLOW) | O_NONBLOCK));
  if (!file && errno == ENOENT) return std::string();
  if (!file) return cannot("read", path);
  std::string text;
  char chunk[4096];
  for (ssize_t got = 1; got > 0;) {
    got = ::read(file.get(), chunk, sizeof chunk);
    if (got < 0) return cannot("read", path);
    text.append(chunk, static_cast<std::size_t>(got));
    if (!mutated("anchor.size") && text.size() > kMaxFile) return damaged(path);
  }
  return text;
}

Result<Anchors> read_all(const std::string& path) {
  TV_TRY(const auto text, read_text(path));
  Anchors anchors;
  for (std::string_view rest = text; !rest.empty();) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos || !parse_line(rest.substr(0, end), anchors))
      return mutated("anchor.line") ? Result<Anchors>(anchors) : damaged(path);
    rest.remove_prefix(end + 1);
  }
  return anchors;
}

/// Synced before the rename: a power cut must not leave an empty file, which would be "damaged".
Status write_all(const std::string& path, const Anchors& anchors) {
  std::string text;
  for (const auto& [vault, anchor] : anchors)
    text +=
        fmt::format("{} {} {} {}\n", to_hex(vault), anchor.generation, to_hex(anchor.digest), anchor.epoch);
  const auto fresh = path + ".new";
  const File file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return cannot("write", fresh);
  // As in FileDraft: until File had it, others may have printed to it.
  if (::ftruncate(file.get(), 0) != 0) return cannot("write", fresh);
  const auto written = ::pwrite(file.get(), text.data(), text.size(), 0);
  if ((!mutated("anchor.short_write") && written != static_cast<ssize_t>(text.size())) ||
      (!mutated("anchor.sync") && ::fsync(file.get()) != 0))
    return cannot("write", fresh);
  if (::rename(fresh.c_str(), path.c_str()) != 0) return cannot("replace", path);
  return Ok{};
}

Status lock(const File& file, const std::string& path, const Clock& clock) {
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  const auto deadline = clock.steady() + std::chrono::seconds(10);
  while (::fcntl(file.get(), F_OFD_SETLK, &whole) != 0) {
    if (errno != EAGAIN && errno != EACCES && errno != EINTR) return cannot("lock", path);
    if (clock.steady() >= deadline) return Error(Errc::unavailable, "anchors file " + path + " stays locked");
    clock.sleep(std::chrono::milliseconds(2));
  }
  return Ok{};
}

}  // namespace

Result<Anchors> AnchorFile::sample() const { return path_.empty() ? Anchors() : read_all(path_); }

Status AnchorFile::merge(const format::VaultId& vault, const Anchor& anchor, const Clock& clock) const {
  if (path_.empty()) return Ok{};
  TV_CHECK(make_folders(std::filesystem::path(path_).parent_path().string()));
  const auto side = path_ + ".lock";
  const File file(::open(side.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return cannot("lock", side);
  if (!mutated("anchor.lock")) TV_CHECK(lock(file, path_, clock));
  TV_TRY(auto anchors, read_all(path_));
  // One more than can be read back would lock this user out of every vault.
  if (!mutated("anchor.full") && !anchors.contains(vault) && anchors.size() >= kMaxVaults)
    return Error(Errc::refused, "anchors file " + path_ + " is full: remove lines of vaults that are gone");
  auto& kept = anchors[vault];
  if (!mutated("anchor.forward") && kept.generation >= anchor.generation) return Ok{};
  kept = anchor;
  return write_all(path_, anchors);
}

Status check_fresh(const Anchors& anchors, const format::VaultId& vault, const Anchor& root) {
  const auto found = anchors.find(vault);
  return found == anchors.end() ? Status(Ok{}) : check_fresh(found->second, root);
}

Status check_fresh(const Anchor& seen, const Anchor& root) {
  // A newer generation alone proves little: whoever kept an old epoch's master key can seal any.
  if (!mutated("fresh.epoch") && root.epoch < seen.epoch)
    return Error(Errc::stale, fmt::format("the vault is back in epoch {}, and {} was seen before", root.epoch,
                                          seen.epoch));
  if (root.generation > seen.generation) return Ok{};
  if (!mutated("fresh.generation") && root.generation < seen.generation)
    return Error(Errc::stale, fmt::format("the vault is an older copy: generation {}, and {} was seen before",
                                          root.generation, seen.generation));
  if (root.digest == seen.digest || mutated("fresh.digest")) return Ok{};
  return Error(Errc::stale, fmt::format("the vault was replaced by another one of the same generation {}",
                                        root.generation));
}

}  // namespace tokenvault
