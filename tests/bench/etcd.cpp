// A vault in etcd against the requests it cannot do without, sent by hand; and how soon a lease elsewhere has news.
// Run by tests/etcd/with_etcd.py, which starts the cluster.
#include <curl/curl.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "bench/filled.hpp"
#include "bench/ratio.hpp"
#include "etcd/base64.hpp"
#include "etcd/transaction.hpp"
#include "support/etcd_place.hpp"
#include "tokenvault/lease.hpp"

namespace tokenvault::bench {
namespace {

constexpr int kRounds = 9, kCalls = 200, kChanges = 300;

/// One kept connection, and no more thought than that.
class RawGateway {
 public:
  RawGateway() : handle_(curl_easy_init()), lines_(curl_slist_append(nullptr, "Expect:")) {}
  ~RawGateway() {
    curl_easy_cleanup(handle_);
    curl_slist_free_all(lines_);
  }
  RawGateway(const RawGateway&) = delete;
  RawGateway& operator=(const RawGateway&) = delete;

  std::string post(const std::string& path, const std::string& body) {
    std::string answer;
    const auto members = test::etcd_setting("");
    const auto url = members.substr(0, members.find(',')) + path;
    curl_easy_setopt(handle_, CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle_, CURLOPT_HTTPHEADER, lines_);
    curl_easy_setopt(handle_, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    curl_easy_setopt(handle_, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(handle_, CURLOPT_WRITEFUNCTION, &take);
    curl_easy_setopt(handle_, CURLOPT_WRITEDATA, &answer);
    if (curl_easy_perform(handle_) != CURLE_OK) std::abort();
    return answer;
  }

 private:
  static std::size_t take(char* bytes, std::size_t, std::size_t size, void* answer) {
    static_cast<std::string*>(answer)->append(bytes, size);
    return size;
  }
  CURL* handle_;
  curl_slist* lines_;
};

Vault open_at(const test::EtcdPlace& place) {
  return Vault::open(open_etcd_store(place.address(), test::EtcdPlace::options()).value(), key()).value();
}

/// A read by hand: one key, linearizable. What a warm get costs besides is one look-up and one decryption.
void measure_get(const test::EtcdPlace& place) {
  const auto vault = open_at(place);
  RawGateway raw;
  const auto body = etcd::RangeQuery{"/" + place.prefix() + "/revision", {}, 0, 0, false}.body();
  compare(
      "warm get; one read by hand", 1.3, kRounds, kCalls,
      [&] {
        for (int i = 0; i < kCalls; ++i) (void)vault.get(name_of(1)).value();
      },
      [&] {
        for (int i = 0; i < kCalls; ++i) (void)raw.post("/v3/kv/range", body);
      });
}

/// Hands on to a store, and keeps what the last commit was.
class Recording final : public Store {
 public:
  explicit Recording(std::unique_ptr<Store> store) : store_(std::move(store)) {}
  [[nodiscard]] Capabilities capabilities() const noexcept override { return store_->capabilities(); }
  Result<Root> root() override { return store_->root(); }
  Result<Bytes> get(const BlobId& id) override { return store_->get(id); }
  Result<Revision> commit(const Commit& commit) override {
    last.root.assign(commit.root.begin(), commit.root.end());
    last.put.assign(commit.put.begin(), commit.put.end());
    last.erased = commit.erase.size();
    return store_->commit(commit);
  }
  Result<std::vector<BlobId>> list(const std::optional<BlobId>& after, std::size_t limit) override {
    return store_->list(after, limit);
  }
  Result<Revision> revision() override { return store_->revision(); }

  struct {
    Bytes root;
    std::vector<Blob> put;
    std::size_t erased = 0;
  } last;

 private:
  std::unique_ptr<Store> store_;
};

/// A change by hand: as many keys of the same sizes put and erased, under the same conditions.
void measure_put(const test::EtcdPlace& place) {
  auto store =
      std::make_unique<Recording>(open_etcd_store(place.address(), test::EtcdPlace::options()).value());
  const auto& last = store->last;
  auto vault = Vault::open(std::move(store), key()).value();
  RawGateway raw;
  const Bytes revision(8);
  std::uint64_t number = 0;
  const std::string prefix = "/by-hand-" + place.prefix() + "/";
  const auto blob = [&](std::uint64_t i) { return fmt::format("{}blob/{:048}", prefix, i); };
  (void)raw.post("/v3/kv/txn", etcd::Transaction().put(prefix + "revision", revision).body());
  const auto by_hand = [&] {
    etcd::Transaction change;
    change.if_value(prefix + "revision", revision).put(prefix + "root", last.root);
    change.put(prefix + "revision", revision);
    for (const auto& put : last.put) {
      ++number;
      change.if_absent(blob(number)).put(blob(number), put.bytes);
    }
    for (std::size_t i = 0; i < last.erased; ++i) change.erase(blob(number - last.put.size() - i));
    (void)raw.post("/v3/kv/txn", change.body());
  };
  constexpr int kPuts = kCalls / 4;
  compare(
      "put at 10 tokens; the same keys in one transaction by hand", 1.3, kRounds, kPuts,
      [&] {
        for (int i = 0; i < kPuts; ++i) (void)vault.put(name_of(i % 10), bytes(value_of(i))).value();
      },
      [&] {
        for (int i = 0; i < kPuts; ++i) by_hand();
      });
}

/// From the acknowledgement of a put by one process, as it were, to the first read of another's lease that has it.
void measure_delay(const test::EtcdPlace& place) {
  auto writer = open_at(place);
  const auto reader = open_at(place);
  const auto lease = reader.lease(name_of(1));
  std::vector<double> delays;
  std::uint32_t seen = lease.token().value().version;
  for (int i = 0; i < kChanges; ++i) {
    std::atomic<std::uint32_t> written{0};
    std::atomic<std::chrono::steady_clock::time_point> when{};
    std::thread thread([&] {
      const auto version = writer.put(name_of(1), bytes(value_of(i))).value();
      when = std::chrono::steady_clock::now();
      written = version;
    });
    while (seen == 0 || lease.wait(seen, std::chrono::seconds(5)).value() == seen) continue;
    const auto now = std::chrono::steady_clock::now();
    thread.join();
    seen = written;
    delays.push_back(std::max(std::chrono::duration<double>(now - when.load()).count(), 0.0));
  }
  std::ranges::sort(delays);
  fmt::print("a lease's delay behind an acknowledged put: median {:.2f} ms, p99 {:.2f} ms (bound 100)\n",
             delays[delays.size() / 2] * 1e3, delays[delays.size() * 99 / 100] * 1e3);
}

/// A warm read of a lease, which sends nothing.
void measure_lease(const test::EtcdPlace& place) {
  const auto vault = open_at(place);
  const auto lease = vault.lease(name_of(1));
  (void)lease.get().value();
  constexpr int kReads = 20'000;
  const auto cost = seconds([&] {
                      for (int i = 0; i < kReads; ++i) (void)lease.get().value();
                    }) /
                    kReads;
  fmt::print("a lease's warm read: {:.2f} us\n", cost * 1e6);
}

}  // namespace
}  // namespace tokenvault::bench

int main() {
  using namespace tokenvault;
  const test::EtcdPlace place;
  (void)bench::fill(open_etcd_store(place.address(), test::EtcdPlace::options()).value(), 10);
  bench::measure_get(place);
  bench::measure_put(place);
  bench::measure_lease(place);
  bench::measure_delay(place);
}
