// No nonce twice: under any key, in any process, whether it was committed or thrown away.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "attacks/tally.hpp"
#include "crypto/random.hpp"
#include "support/forger.hpp"
#include "support/temp_dir.hpp"

namespace tokenvault::test {
namespace {

template <std::size_t N>
using Draws = std::vector<std::array<std::byte, N>>;

/// How many of `draws` came before.
template <std::size_t N>
std::uint64_t repeats(Draws<N>& draws) {
  std::ranges::sort(draws);
  std::uint64_t twice = 0;
  for (std::size_t i = 1; i < draws.size(); ++i) twice += draws[i] == draws[i - 1] ? 1 : 0;
  return twice;
}

template <std::size_t N>
void report(std::string_view what, Draws<N>& draws) {
  const auto twice = repeats(draws);
  tried(what, draws.size(), twice);
  CHECK(twice == 0);
}

TEST_CASE("the count itself: one repeat among many is found") {
  Draws<24> draws;
  for (int i = 0; i < 1000; ++i) draws.push_back(crypto::random_array<24>());
  CHECK(repeats(draws) == 0);
  draws.push_back(draws[500]);
  CHECK(repeats(draws) == 1);
}

TEST_CASE("a million seals under one key") {
  constexpr std::size_t kRecords = 1'000'000;
  const auto key = secret(std::string(32, 'k'));
  const auto value = secret("a value");
  Draws<24> draws;
  draws.reserve(kRecords);
  for (std::size_t i = 0; i < kRecords; ++i)
    draws.push_back(format::seal_record(key, {}, {"name", 1, 1}, value).blob.id.bytes);
  report("nonces of records under one key", draws);
}

TEST_CASE("seals of every other kind under one key") {
  const std::size_t count = full_proof() ? 300'000 : 30'000;
  const auto key = secret(std::string(32, 'k'));
  const keys::Scope scope{{}, 1};
  const auto source = raw_key('s');
  const auto slot = *keys::make_slot(source, scope, key);
  format::Header header;
  header.epoch = 1;
  const auto ring = *Keyring::make(header, secret(std::string(32, 'm')));
  Draws<24> draws;
  const auto add = [&](BytesView nonce) {
    draws.emplace_back();
    std::ranges::copy(nonce.first(24), draws.back().begin());
  };
  for (std::size_t i = 0; i < count; ++i) {
    add(format::seal_node(key, {}, 1, format::Digits{}.down(1), {}).blob.id.bytes);
    add(format::seal_top(key, {}, {}, key));
    add(keys::rewrap(slot, &key, scope, key)->wrap_nonce());
    add(*ring.history_under(key));
  }
  report("nonces of nodes, top nodes, slots and histories", draws);
  if (!full_proof()) left_out("nine in ten seals of nodes, top nodes, slots and histories");
}

/// Notes what is sent, also what loses and is thrown away: it was sealed, and somebody saw it.
class NotedStore final : public SharedStore {
 public:
  NotedStore(std::shared_ptr<Store> store, const std::string& path)
      : SharedStore(std::move(store)), notes_(path, std::ios::binary | std::ios::app) {}
  Result<Revision> commit(const Commit& commit) override {
    Writer out;
    out.u32(static_cast<std::uint32_t>(commit.root.size()));
    out.raw(commit.root);
    out.u32(static_cast<std::uint32_t>(commit.put.size()));
    for (const auto& blob : commit.put) out.raw(blob.id.bytes);
    notes_ << as_text(out.view()) << std::flush;
    return SharedStore::commit(commit);
  }

 private:
  std::ofstream notes_;
};

/// What processes sealed, from their notes.
struct Sealed {
  Draws<24> nonces;
  Draws<16> commits;

  void read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    for (Reader in(as_bytes(text)); !in.done();) {
      const auto root = in.take(in.u32());
      read_root({root.begin(), root.end()});
      for (auto blobs = in.u32(); blobs > 0; --blobs) nonces.push_back(in.array<24>());
      REQUIRE_FALSE(in.failed());
    }
  }

 private:
  void read_root(const Bytes& root) {
    const Forger member(Dump{root, {}}, raw_key());
    commits.push_back(member.state().top.commits.back());
    const auto parts = format::parse_root(root);
    nonces.push_back(Reader(parts->top_nonce).array<24>());
  }
};

TEST_CASE("processes forked from one, which all write to one vault") {
  const int processes = full_proof() ? 16 : 6, puts = full_proof() ? 100 : 15;
  const TempDir folder;
  const auto address = "sqlite:" + folder / "vault.db";
  {
    auto vault = Vault::create(*open_store(address, {.create = true}), raw_key());
    REQUIRE(vault);
    put(*vault, "t", "first");
  }
  // Something was drawn before the fork: whatever a generator keeps, all of the children have it.
  crypto::random_array<24>();
  std::vector<pid_t> children;
  for (int n = 0; n < processes; ++n) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      auto store = open_store(address);
      if (!store) ::_exit(1);
      VaultOptions options;
      options.timeout = std::chrono::minutes(10);
      auto vault = Vault::open(std::make_unique<NotedStore>(*std::move(store), folder / std::to_string(n)),
                               raw_key(), options);
      for (int i = 0; vault && i < puts; ++i)
        if (!vault->put("t", secret("value"))) ::_exit(2);
      ::_exit(vault ? 0 : 3);
    }
    children.push_back(child);
  }
  for (const auto child : children) {
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  Sealed sealed;
  for (int n = 0; n < processes; ++n) sealed.read(folder / std::to_string(n));
  CHECK(sealed.commits.size() >= static_cast<std::size_t>(processes * puts));
  report("nonces of forked processes", sealed.nonces);
  report("ids of commits of forked processes", sealed.commits);
  if (!full_proof()) left_out("ten of sixteen processes that write to one vault");
}

TEST_CASE("the first draw of each of many forked children") {
  const int children = full_proof() ? 2000 : 300;
  const auto draw = [](int out) {
    const auto key = secret(std::string(32, 'k'));
    const auto id = format::seal_record(key, {}, {"name", 1, 1}, secret("v")).blob.id.bytes;
    return ::write(out, id.data(), id.size()) == static_cast<ssize_t>(id.size()) ? 0 : 1;
  };
  Draws<24> draws;
  for (int n = 0; n < children; ++n) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) ::_exit(draw(ends[1]));
    draws.emplace_back();
    REQUIRE(::read(ends[0], draws.back().data(), 24) == 24);
    ::close(ends[0]);
    ::close(ends[1]);
    ::waitpid(child, nullptr, 0);
  }
  report("first nonces of forked children", draws);
}

}  // namespace
}  // namespace tokenvault::test
