// No descriptor left for the n-th thing that a verb opens, for every n: an error that says so, nothing lost, and as
// soon as there are some again all goes on, with the same handle.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <set>

#include "support/local_ground.hpp"
#include "support/proof.hpp"
#include "support/rotation_fixture.hpp"
#include "tokenvault/lease.hpp"

namespace tokenvault::test {
namespace {

/// While it lives, the process can open `left` descriptors more and no others.
class FewDescriptors {
 public:
  explicit FewDescriptors(std::size_t left) {
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    auto lower = before_;
    lower.rlim_cur = 128;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &lower) == 0);
    for (int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC); fd >= 0;
         fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC))
      taken_.push_back(fd);
    REQUIRE(taken_.size() > left);
    for (; left > 0; --left) give_back();
  }
  ~FewDescriptors() {
    while (!taken_.empty()) give_back();
    ::setrlimit(RLIMIT_NOFILE, &before_);
  }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;

 private:
  void give_back() {
    ::close(taken_.back());
    taken_.pop_back();
  }
  rlimit before_{};
  std::vector<int> taken_;
};

/// A small vault with anchors, which another process changed since it was last looked at.
struct Place {
  explicit Place(std::string_view backend) : ground(backend), provider(kModels[0].behaviour(), clock) {
    options.clock = &clock;
    options.anchors = ground.folder() / "anchors";
    vault.emplace(*Vault::create(ground.open(), raw_key(), options));
    put(*vault, "a", "one");
    put(*vault, "a", "two");
    put(*vault, "erased", "e");
    REQUIRE(vault->erase("erased"));
    REQUIRE(vault->put("turned", *provider.make_token()));
    auto other = Vault::open(ground.open(), raw_key(), options);
    REQUIRE(other);
    put(*other, "b", "of another process");
  }
  [[nodiscard]] std::string path(const char* name) const { return ground.folder() / name; }

  /// All that a reader sees, by a vault opened anew.
  [[nodiscard]] std::string state() const {
    auto opened = Vault::open(ground.open(), raw_key(), options);
    if (!opened) return opened.error().message();
    std::string all = std::to_string(opened->info()->slots.size()) + " slots, epoch " +
                      std::to_string(opened->info()->epoch);
    const auto tokens = opened->list();
    for (const auto& token : *tokens) {
      all += "; " + token.name;
      const auto info = opened->info(token.name);
      for (const auto& version : info->versions) all += " " + std::string(to_string(version.stage));
      if (token.name != "turned") all += " " + text_of(opened->get(token.name));
    }
    const auto report = opened->verify();
    return all + (report && report->faults.empty() ? "" : ", damaged");
  }

  Ground ground;
  FakeClock clock;
  VaultOptions options;
  FakeProvider provider;
  std::optional<Vault> vault;
};

struct Verb {
  const char* name;
  std::function<Status(Place&)> call;
};

std::vector<Verb> verbs() {
  const auto on = [](auto call) { return [call](Place& at) { return status_of(call(at)); }; };
  const auto with_file = [](auto call) {
    return [call](Place& at) -> Status {
      const auto target = open_store("file:" + at.path("copy"), {.create = true});
      if (!target) return target.error();
      return status_of(call(at, **target));
    };
  };
  return {
      {"open", on([](Place& p) -> Status {
         auto store = open_store(p.ground.uri());
         if (!store) return store.error();
         return status_of(Vault::open(*std::move(store), raw_key(), p.options));
       })},
      {"create", on([](Place& p) -> Status {
         auto store = open_store(p.ground.uri() + "-new", {.create = true});
         if (!store) return store.error();
         return status_of(Vault::create(*std::move(store), raw_key(), p.options));
       })},
      {"get", on([](Place& p) { return p.vault->get("b"); })},
      {"lease", on([](Place& p) { return p.vault->lease("b").get(); })},
      {"with_token", on([](Place& p) {
         return p.vault->with_token("a", [](const auto&, auto) { return Verdict::rejected; });
       })},
      {"put", on([](Place& p) { return p.vault->put("a", secret("three")); })},
      {"put_all", on([](Place& p) {
         int left = 3;
         return p.vault->put_all([left]() mutable -> Result<std::optional<NewToken>> {
           if (left == 0) return std::optional<NewToken>();
           return std::optional(NewToken{"imported/" + std::to_string(left--), secret("i")});
         });
       })},
      {"rollback", on([](Place& p) { return p.vault->rollback("a", 1); })},
      {"erase", on([](Place& p) { return p.vault->erase("a"); })},
      {"undelete", on([](Place& p) { return p.vault->undelete("erased"); })},
      {"destroy", on([](Place& p) { return p.vault->destroy("a"); })},
      {"list", on([](Place& p) { return p.vault->list(); })},
      {"info", on([](Place& p) { return p.vault->info(); })},
      {"verify", on([](Place& p) { return p.vault->verify(); })},
      {"add_key", on([](Place& p) { return p.vault->add_key(raw_key('o')); })},
      {"rotate_master", on([](Place& p) { return p.vault->rotate_master({}); })},
      {"backup_to", with_file([](Place& p, Store& target) { return p.vault->backup_to(target); })},
      {"migrate_to", with_file([](Place& p, Store& target) { return p.vault->migrate_to(target); })},
      {"wait", on([](Place& p) { return p.vault->wait(std::chrono::milliseconds(1)); })},
      {"compact", on([](Place& p) -> Status {
         auto store = open_store(p.ground.uri());
         return store ? (*store)->compact() : Status(store.error());
       })},
      {"rotate", on([](Place& p) {
         Rotator rotator(*p.vault, "turned", p.provider);
         return rotator.rotate();
       })},
      {"make_key_file", on([](Place& p) { return make_key_file(p.path("key")); })},
  };
}

/// What a caller can act upon. Another word would be a lie: nothing was tampered with, and no vault is absent.
bool is_honest(Errc code) { return code == Errc::io || code == Errc::unavailable || code == Errc::in_doubt; }

/// A verb with more and more descriptors, until it has enough. How often it had too few.
std::uint64_t starve(const Verb& verb, std::string_view backend) {
  Place whole(backend);
  const auto before = whole.state();
  REQUIRE(verb.call(whole));
  const auto after = whole.state();
  for (std::size_t left = 0; left < 40; ++left) {
    CAPTURE(left);
    Place place(backend);
    Status went = Ok{};
    {
      const FewDescriptors few(left);
      went = verb.call(place);
    }
    const auto now = place.state();
    CHECK_MESSAGE((now == before || now == after || verb.name == std::string("rotate")), now);
    CHECK(now.find("damaged") == std::string::npos);
    if (!went) CHECK_MESSAGE(is_honest(went.error().code()), went.error().message());
    // That the anchor could not be kept is said, and is no reason to call what was done undone.
    if (went) CHECK((now == after || !place.vault->info()->anchor_fault.empty()));
    CHECK(text_of(place.vault->get("b")) == "of another process");
    if (went) return left;
    const auto again = verb.call(place);
    // What was in doubt may have happened, and what has happened cannot be done twice.
    CHECK_MESSAGE((again || place.state() == after), again.error().message());
  }
  FAIL("it never has enough");
  return 0;
}

TEST_CASE("every verb, with no descriptor left for any of those that it opens") {
  std::uint64_t starved = 0, enough = 0;
  for (const std::string backend : kDurable)
    for (const auto& verb : verbs()) {
      CAPTURE(backend);
      CAPTURE(std::string(verb.name));
      starved += starve(verb, backend);
      ++enough;
    }
  tried("verbs of the library with too few descriptors", starved);
  CHECK(starved > enough);
}

}  // namespace
}  // namespace tokenvault::test
