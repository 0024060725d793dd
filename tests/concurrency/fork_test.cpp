// A fork in the middle of everything: the child's vault says so and hangs nowhere, and the parent notices nothing.
#include <atomic>
#include <thread>

#include "concurrency/forked.hpp"
#include "support/local_ground.hpp"
#include "support/proof.hpp"
#include "support/watched_provider.hpp"

namespace tokenvault::test {
namespace {

/// Calls `at` before and after every call that reaches the store.
class PassedStore final : public Store {
  template <typename Call>
  auto around(const Call& call) {
    (*at_)();
    auto done = call();
    (*at_)();
    return done;
  }

 public:
  PassedStore(std::unique_ptr<Store> store, const std::function<void()>& at)
      : store_(std::move(store)), at_(&at) {}

  [[nodiscard]] Capabilities capabilities() const noexcept override { return store_->capabilities(); }
  Result<Root> root() override {
    return around([&] { return store_->root(); });
  }
  Result<Bytes> get(const BlobId& id) override {
    return around([&] { return store_->get(id); });
  }
  Result<Revision> commit(const Commit& commit) override {
    return around([&] { return store_->commit(commit); });
  }
  Result<std::vector<BlobId>> list(const std::optional<BlobId>& after, std::size_t limit) override {
    return around([&] { return store_->list(after, limit); });
  }
  Result<Revision> revision() override {
    return around([&] { return store_->revision(); });
  }
  Status compact() override {
    return around([&] { return store_->compact(); });
  }

 private:
  std::unique_ptr<Store> store_;
  const std::function<void()>* at_;
};

/// A vault over one backend whose life forks wherever it can be reached.
class ForkedLife {
 public:
  explicit ForkedLife(std::string_view backend) : ground_(backend), provider_(behaviour()) {}

  void play() {
    vault_.emplace(*Vault::create(std::make_unique<PassedStore>(ground_.open(), at_), raw_key()));
    put(*vault_, "a", "one");
    auto first = provider_.make_token();
    REQUIRE(vault_->put("turned", *first));
    CHECK(text_of(vault_->get("a")) == "one");
    use();
    import();
    rotate();
    CHECK(vault_->add_key(raw_key('o'), "other"));
    const auto other = raw_key('o');
    CHECK(vault_->rotate_master({.keep = {&other}}));
    CHECK(vault_->verify()->faults.empty());
    CHECK(text_of(vault_->lease("a").get()) == "one");
    vault_.reset();
    auto again = Vault::open(ground_.open(), raw_key());
    REQUIRE(again);
    CHECK(again->verify()->faults.empty());
    CHECK(again->list()->size() == 4);
    CHECK(fault_ == "");
  }
  [[nodiscard]] int forks() const { return forks_; }

 private:
  FakeBehaviour behaviour() {
    auto how = kModels[0].behaviour();
    how.fault = [this](auto, auto) {
      here();
      return FakeFault::none;
    };
    return how;
  }
  void here() {
    if (!vault_) return;
    ++forks_;
    auto fault = fault_in_child([&] { return first_not_forked(*vault_); });
    if (fault_.empty()) fault_ = std::move(fault);
  }
  void use() {
    const auto verdict = vault_->with_token("a", [&](const SecretBuffer& value, std::uint32_t) {
      here();
      CHECK(text_of(value) == "one");
      return Verdict::ok;
    });
    CHECK(*verdict == Verdict::ok);
  }
  void import() {
    int left = 2;
    const auto done = vault_->put_all([&]() -> Result<std::optional<NewToken>> {
      here();
      if (left == 0) return std::optional<NewToken>();
      return std::optional(NewToken{"imported/" + std::to_string(left--), secret("i")});
    });
    CHECK(done);
  }
  void rotate() {
    RotatorOptions options;
    options.progress = [&](const std::string&) { here(); };
    Rotator rotator(*vault_, "turned", provider_, options);
    const auto went = rotator.rotate();
    CHECK_MESSAGE(went, why(went));
    CHECK(rotator.retire(true));
    CHECK(provider_.live() == 1);
  }

  Ground ground_;
  std::function<void()> at_ = [this] { here(); };
  std::optional<Vault> vault_;
  FakeProvider provider_;
  int forks_ = 0;
  std::string fault_;
};

TEST_CASE("at every call of the store and of the caller's own, a child is told forked by every verb") {
  int forks = 0;
  for (const auto* backend : kWritable) {
    CAPTURE(std::string(backend));
    ForkedLife life(backend);
    life.play();
    forks += life.forks();
  }
  const auto verbs = static_cast<std::uint64_t>(forks) * forked_verbs().size();
  tried("forks around every call of the store, of the provider and of the caller",
        static_cast<std::uint64_t>(forks));
  tried("verbs asked of the parent's vault in those children", verbs);
}

/// The child goes on where its parent called it: what it does must end in `forked`, and reach nobody.
TEST_CASE("a child that returns from a callback of the parent's changes nothing") {
  int forks = 0;
  for (const auto* backend : kWritable) {
    CAPTURE(std::string(backend));
    const Ground ground(backend);
    auto vault = *Vault::create(ground.open(), raw_key());
    put(vault, "a", "one");
    FakeProvider provider(kModels[0].behaviour());
    REQUIRE(vault.put("turned", *provider.make_token()));
    const auto before = vault.info()->generation;
    const auto check = [&](const std::function<Status(const std::function<void()>&)>& call) {
      ++forks;
      CHECK(fault_in_child([&] {
              // The grandchild is what returns; its own status says how.
              int code = 1;
              bool forked = false;
              const auto done = call([&] {
                if (forked) return;
                forked = true;
                const pid_t pid = ::fork();
                if (pid == 0) {
                  ::alarm(kHangs);
                  code = 2;
                  return;
                }
                int status = -1;
                ::waitpid(pid, &status, 0);
                ::_exit(status == 0 ? 0 : 9);
              });
              return code == 2 && !done && done.error().code() == Errc::forked ? 0 : 3;
            }) == "");
      CHECK(vault.info()->generation == before);
      CHECK(vault.verify()->faults.empty());
    };
    check([&](const auto& fork) {
      auto own = *Vault::open(ground.open(), raw_key());
      return status_of(own.with_token("a", [&](const SecretBuffer& value, std::uint32_t) {
        fork();
        return value.expose().empty() ? Verdict::rejected : Verdict::ok;
      }));
    });
    check([&](const auto& fork) {
      auto own = *Vault::open(ground.open(), raw_key());
      int left = 3;
      return status_of(own.put_all([&]() -> Result<std::optional<NewToken>> {
        if (left == 2) fork();
        if (left == 0) return std::optional<NewToken>();
        return std::optional(NewToken{"imported/" + std::to_string(left--), secret("i")});
      }));
    });
  }
  tried("children that return from a callback of the parent's", static_cast<std::uint64_t>(forks));
}

/// Threads at work on one vault, of which a fork takes the one that forks along.
class Busy {
 public:
  Busy(Vault& vault, FakeProvider& provider) : vault_(&vault), provider_(&provider) {
    for (int i = 0; i < 2; ++i) threads_.emplace_back([this, i] { put_on("busy/" + std::to_string(i), i); });
    threads_.emplace_back([this] { read_on(); });
    threads_.emplace_back([this] { rotate_on(); });
  }
  /// How often each of those who put was told that it is there.
  std::array<std::uint32_t, 2> stop() {
    done_ = true;
    threads_.clear();
    CHECK(failed_ == 0);
    return puts_;
  }

 private:
  void put_on(const std::string& name, int who) {
    while (!done_) {
      const auto number = vault_->put(name, secret("v"));
      if (!number) ++failed_;
      if (number) puts_[static_cast<std::size_t>(who)] = *number;
    }
  }
  void read_on() {
    const auto lease = vault_->lease("a");
    while (!done_)
      if (text_of(lease.get()) != "one") ++failed_;
  }
  void rotate_on() {
    Rotator rotator(*vault_, "turned", *provider_);
    while (!done_)
      if (!rotator.rotate() || !rotator.retire(true)) ++failed_;
  }

  Vault* vault_;
  FakeProvider* provider_;
  std::atomic<bool> done_ = false;
  std::atomic<int> failed_ = 0;
  std::array<std::uint32_t, 2> puts_{};
  std::vector<std::jthread> threads_;
};

struct Counts {
  std::uint64_t forks = 0, opened = 0;
};

/// What a child does with what it has of the vault, and with a vault that it opens for itself.
int act_in_child(std::optional<Vault>& vault, const Ground& ground, bool shared, int report) {
  if (first_not_forked(*vault) != 0) return 1;
  vault.reset();
  if (!shared) return 0;
  auto store = open_store(ground.uri());
  if (!store) return store.error().code() == Errc::forked ? 0 : 2;
  auto own = Vault::open(*std::move(store), raw_key(), {.timeout = std::chrono::seconds(kHangs)});
  if (!own || text_of(own->get("a")) != "one") return 3;
  if (!own->put("children", secret("c"))) return 4;
  return ::write(report, "o", 1) == 1 ? 0 : 5;
}

Counts fork_beside_threads(std::string_view backend, int times) {
  const Ground ground(backend);
  FakeProvider provider(kModels[0].behaviour());
  std::optional<Vault> vault =
      *Vault::create(ground.open(), raw_key(), {.timeout = std::chrono::seconds(kHangs)});
  put(*vault, "a", "one");
  REQUIRE(vault->put("turned", *provider.make_token()));
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  Busy busy(*vault, provider);
  const bool shared = backend != "memory";
  for (int i = 0; i < times; ++i)
    CHECK(fault_in_child([&] { return act_in_child(vault, ground, shared, ends[1]); }) == "");
  const auto puts = busy.stop();
  ::close(ends[1]);
  Counts counts{static_cast<std::uint64_t>(times), 0};
  for (char one = 0; ::read(ends[0], &one, 1) == 1;) ++counts.opened;
  ::close(ends[0]);
  for (std::size_t i = 0; i < puts.size(); ++i)
    CHECK(vault->info("busy/" + std::to_string(i))->version == puts[i]);
  if (counts.opened > 0) CHECK(vault->info("children")->version == counts.opened);
  const auto report = vault->verify();
  REQUIRE(report);
  CHECK(report->faults.empty());
  CHECK(report->orphans == 0);
  return counts;
}

TEST_CASE("a fork beside threads that put, read and rotate hangs nobody and loses nothing") {
  const int times = full_proof() ? 400 : 25;
  for (const auto* backend : kWritable) {
    CAPTURE(std::string(backend));
    const auto counts = fork_beside_threads(backend, times);
    tried(std::string("forks beside four threads at work, on ") + backend, counts.forks);
    if (std::string_view(backend) != "memory")
      tried(std::string("children of those that opened the vault anew and put, on ") + backend,
            counts.opened);
  }
  if (!full_proof()) left_out("forks beside threads: 25 of 400 on each backend");
}

}  // namespace
}  // namespace tokenvault::test
