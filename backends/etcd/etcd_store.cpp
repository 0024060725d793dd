#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "commit_sizes.hpp"
#include "core/mutant.hpp"
#include "core/try.hpp"
#include "etcd/address.hpp"
#include "etcd/gateway.hpp"
#include "etcd/keys.hpp"
#include "etcd/leftovers.hpp"
#include "etcd/read_views.hpp"
#include "etcd/single_commit.hpp"
#include "etcd/upload.hpp"
#include "etcd/watch.hpp"
#include "tokenvault/etcd.hpp"

namespace tokenvault {
namespace etcd {
namespace {

constexpr std::size_t kPage = 1000;

class EtcdStore final : public Store {
 public:
  EtcdStore(Address address, EtcdOptions options)
      : gateway_(std::move(address), std::move(options)),
        keys_(gateway_.prefix()),
        watch_(gateway_, keys_.revision()) {}

  [[nodiscard]] Capabilities capabilities() const noexcept override {
    return {.writable = true, .durable = true, .shared = true, .wait = true};
  }
  Result<Root> root() override;
  Result<Bytes> get(const BlobId& id) override;
  Result<Revision> commit(const Commit& commit) override;
  Result<std::vector<BlobId>> list(const std::optional<BlobId>& after, std::size_t limit) override;
  Result<Revision> revision() override;
  std::optional<Revision> told() override { return watch_.told(); }
  Result<Revision> wait(Revision since, std::chrono::nanoseconds timeout, const Clock& clock) override;
  Status check() override;
  Status compact() override;

 protected:
  void enter_read() noexcept override { views_.enter(); }
  void leave_read() noexcept override { views_.leave(); }

 private:
  Result<Range> read(RangeQuery query);
  Result<Range> read_root();

  Gateway gateway_;
  const Keys keys_;
  ReadViews views_;
  Watch watch_;
};

Error damaged(std::string_view what) {
  return {Errc::tampered, fmt::format("the vault's keys in etcd hold {}: restore it from a backup", what)};
}

/// Within a scope as of its first read, or as of now where etcd has that no more.
Result<Range> EtcdStore::read(RangeQuery query) {
  query.revision = views_.revision();
  auto range = gateway_.range(query);
  if (!range && query.revision != 0 && range.error().code() == Errc::unsupported) {
    views_.keep(0);
    query.revision = 0;
    range = gateway_.range(query);
  }
  if (range) views_.keep(query.revision != 0 ? query.revision : range->revision);
  return range;
}

Result<Revision> EtcdStore::revision() {
  const auto question = watch_.question();
  TV_TRY(const auto range, read({keys_.revision(), {}, 0, 0, false}));
  auto revision = Revision::absent;
  if (!range.found.empty()) {
    const auto stored = revision_of(range.found.front().value);
    if (!stored) return damaged("a malformed revision");
    revision = *stored;
  }
  if (!views_.inside()) watch_.confirm(question, revision, range.revision);
  return revision;
}

/// The revision and the root, as they were at one time. Of a vault whose prefix goes on from this one's, keys may lie
/// between them.
Result<Range> EtcdStore::read_root() {
  TV_TRY(auto range, read({keys_.revision(), keys_.root() + '\0', 2, 0, false}));
  auto& found = range.found;
  if (found.empty() || (found.front().key == keys_.revision() && found.back().key == keys_.root()))
    return range;
  found.clear();
  for (const auto& key : {keys_.revision(), keys_.root()}) {
    TV_TRY(auto alone, gateway_.range({key, {}, 0, range.revision, false}));
    std::ranges::move(alone.found, std::back_inserter(found));
  }
  return range;
}

Result<Root> EtcdStore::root() {
  TV_TRY(auto range, read_root());
  auto& found = range.found;
  if (found.empty()) return Error(Errc::no_vault, "no vault below this prefix in etcd");
  if (found.size() != 2) return damaged("a root without its revision, or a revision without its root");
  const auto revision = revision_of(found[0].value);
  if (!revision ||
      (!mutated("etcd.root_size") && (found[1].value.empty() || found[1].value.size() > kMaxRootSize)))
    return damaged("a malformed root");
  return Root{std::move(found[1].value), *revision};
}

Result<Bytes> EtcdStore::get(const BlobId& id) {
  TV_TRY(auto range, read({keys_.blob(id), {}, 0, 0, false}));
  if (range.found.empty()) return Error(Errc::not_found, "no such blob in etcd");
  auto& value = range.found.front().value;
  if (range.found.size() > 1 ||
      (!mutated("etcd.blob_size") && (value.empty() || value.size() > kMaxBlobSize)))
    return damaged("a malformed blob");
  return std::move(value);
}

Result<Revision> EtcdStore::commit(const Commit& commit) {
  TV_CHECK(admit_sizes(commit));
  if (views_.inside() && !mutated("etcd.scope"))
    return Error(Errc::internal, "cannot write to a store inside a read scope");
  TV_TRY(const auto plan, plan_commit(commit));
  if (SingleCommit::fits(commit, plan)) return SingleCommit(gateway_, keys_, commit, plan).run();
  return Upload(gateway_, keys_, commit, plan).run();
}

Result<std::vector<BlobId>> EtcdStore::list(const std::optional<BlobId>& after, std::size_t limit) {
  std::vector<BlobId> ids;
  RangeQuery query{after ? keys_.blob(*after) + '\0' : keys_.blobs(), end_of(keys_.blobs()), 0, 0, true};
  while (ids.size() < limit) {
    query.limit = std::min(limit - ids.size(), kPage);
    TV_TRY(const auto page, read(query));
    for (const auto& found : page.found) {
      const auto id = keys_.blob_of(found.key);
      if (!id) return damaged("a key that names no blob");
      if (found.key < query.from) return damaged("the same blobs again and again");
      ids.push_back(*id);
    }
    if (!page.more || page.found.empty()) break;
    query.from = page.found.back().key + '\0';
  }
  return ids;
}

Result<Revision> EtcdStore::wait(Revision since, std::chrono::nanoseconds timeout, const Clock& clock) {
  watch_.follow();
  TV_TRY(auto now, revision());
  const auto begun = clock.steady();
  for (auto left = timeout; now == since && left > std::chrono::nanoseconds::zero();) {
    left -= watch_.sleep(since, left);
    if (clock.steady() - begun >= timeout) left = {};
    const auto told = watch_.told();
    TV_TRY(now, told ? Result<Revision>(*told) : revision());
  }
  return now;
}

Status EtcdStore::check() {
  const auto found = root();
  if (!found && found.error().code() != Errc::no_vault) return found.error();
  return Ok{};
}

/// What etcd keeps of the past is not ours to drop: its history is all its users'.
Status EtcdStore::compact() { return Leftovers(gateway_, keys_).collect(); }

/// What a private key is held to: others must not read it. The group may, since certificates of services have one.
Status admit_key_file(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0)
    return Error(Errc::no_key, fmt::format("cannot find {}, which etcd's TLS needs", path), errno);
  if (!mutated("etcd.key_file") && (found.st_mode & S_IRWXO) != 0)
    return Error(Errc::refused, fmt::format("{} is open to all users: make it 0600", path));
  return Ok{};
}

Status admit_file(const std::string& path) {
  struct stat found {};
  if (path.empty() || ::stat(path.c_str(), &found) == 0) return Ok{};
  return Error(Errc::no_key, fmt::format("cannot find {}, which etcd's TLS needs", path), errno);
}

Status admit(const EtcdOptions& options) {
  if (options.timeout.count() <= 0 || options.answer_timeout.count() <= 0)
    return Error(Errc::invalid_argument, "etcd's time-outs are above zero");
  if (options.user.empty() != options.password.empty())
    return Error(Errc::invalid_argument, "a user of etcd and a password go together");
  if (options.cert_file.empty() != options.key_file.empty())
    return Error(Errc::invalid_argument, "a certificate for etcd and its private key go together");
  TV_CHECK(admit_file(options.ca_file));
  TV_CHECK(admit_file(options.cert_file));
  return options.key_file.empty() ? Status(Ok{}) : admit_key_file(options.key_file);
}

}  // namespace
}  // namespace etcd

Result<std::unique_ptr<Store>> open_etcd_store(std::string_view address, EtcdOptions options) {
  TV_TRY(auto parsed, etcd::parse_address(address));
  TV_CHECK(etcd::admit(options));
  return std::unique_ptr<Store>(std::make_unique<etcd::EtcdStore>(std::move(parsed), std::move(options)));
}

}  // namespace tokenvault
