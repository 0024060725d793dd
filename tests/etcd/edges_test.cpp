// Neighbours on one cluster, data from before, processes that fork, and what an error may not say.
#include <sys/wait.h>

#include <thread>

#include "support/contract_place.hpp"
#include "support/etcd_control.hpp"
#include "support/temp_dir.hpp"
#include "support/vault_fixture.hpp"
#include "tokenvault/lease.hpp"

using namespace tokenvault;
using namespace tokenvault::test;
using namespace std::chrono_literals;

namespace {

std::unique_ptr<Store> store_at(const std::string& prefix) {
  auto store = open_etcd_store(etcd_setting("") + "/" + prefix, EtcdPlace::options());
  REQUIRE_MESSAGE(store, (store ? "" : store.error().message()));
  return *std::move(store);
}

}  // namespace

TEST_CASE("stores with prefixes that begin alike, or lie below one another, do not see each other") {
  const auto base = EtcdPlace().prefix();
  const std::array names{base + "/rigel",     base,       base + "x",     base + "/x",
                         base + "/x/y",       base + "-", base + "/root", base + "/revision",
                         base + "/rock/blobs"};
  std::vector<std::unique_ptr<Store>> stores;
  std::uint32_t number = 0;
  for (const auto& name : names) {
    CAPTURE(name);
    stores.push_back(store_at(name));
    CHECK(list_all(*stores.back()).empty());
    check_error(stores.back()->root(), Errc::no_vault);
    ++number;
    REQUIRE(commit_to(*stores.back(), Revision::absent, name, {blob_of(number, name)}));
  }
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    CAPTURE(names[i]);
    CHECK(Place::root_text_of(*stores[i]) == names[i]);
    CHECK(list_all(*stores[i]) == std::vector{id_of(i + 1)});
    CHECK(stores[i]->compact());
  }
}

TEST_CASE("no vault lies in the folders of another") {
  for (const std::string folder : {"blob", "upload", "erase"}) {
    CHECK(open_etcd_store("http://127.0.0.1:1/" + folder));
    for (const auto& prefix : {"a/" + folder, "a/" + folder + "/b", "a/b/" + folder + "/"}) {
      const auto store = open_etcd_store("http://127.0.0.1:1/" + prefix);
      check_error(store, Errc::invalid_argument);
    }
  }
}

TEST_CASE("data of an earlier day put back is stale to whoever has seen what came after") {
  EtcdPlace place;
  EtcdControl control;
  TempDir folder;
  VaultOptions options;
  options.anchors = folder / "anchors";
  auto vault = Vault::create(place.open(), raw_key(), options);
  REQUIRE(vault);
  put(*vault, "a", "old");
  const auto lease = vault->lease("a");
  const auto copy = control.tell("save");
  put(*vault, "a", "new");
  CHECK(text_of(lease.get()) == "new");
  const auto store = place.open();
  const auto seen = *store->revision();
  control.tell("put_back " + copy);
  const auto now = store->revision();
  REQUIRE_MESSAGE(now, (now ? "" : now.error().message()));
  CHECK(*now != seen);
  CHECK(code_of(Vault::open(place.open(), raw_key(), options)) == Errc::stale);
  // One that is open follows by its own memory, once it is told that something changed.
  auto told = lease.get();
  for (const auto end = std::chrono::steady_clock::now() + 60s;
       told && std::chrono::steady_clock::now() < end; told = lease.get())
    std::this_thread::yield();
  CHECK(code_of(told) == Errc::stale);
  // Whoever never saw more goes on from there, and is not taken for what was lost.
  auto unaware = Vault::open(place.open(), raw_key(), {});
  REQUIRE(unaware);
  CHECK(text_of(unaware->get("a")) == "old");
  put(*unaware, "a", "another new");
  CHECK(*store->revision() != seen);
  CHECK(code_of(Vault::open(place.open(), raw_key(), options)) == Errc::stale);
}

TEST_CASE("a child goes on with connections of its own, and its parent with the old ones") {
  EtcdPlace place;
  const auto store = place.open();
  auto at = *commit_to(*store, Revision::absent, "0");
  (void)store->told();
  CHECK(store->wait(Revision::absent, 1s, system_clock()).has_value());
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      int wrong = 0;
      for (int k = 0; k < 50; ++k) {
        const auto root = store->root();
        if (!root || text_of_root(root->bytes).empty()) ++wrong;
        if (!store->revision()) ++wrong;
        if (const auto told = store->told(); told && *told == Revision::absent) ++wrong;
      }
      ::_exit(wrong == 0 ? 0 : 1);
    }
    children.push_back(child);
  }
  for (int k = 1; k < 100; ++k) {
    const auto next = commit_to(*store, at, std::to_string(k), {blob_of(static_cast<std::uint32_t>(k), "x")});
    REQUIRE_MESSAGE(next, (next ? "" : next.error().message()));
    at = *next;
    CHECK(Place::root_text_of(*store) == std::to_string(k));
  }
  for (const auto child : children) {
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  CHECK(*store->revision() == at);
}

TEST_CASE("an error repeats no password, from wherever it came") {
  const std::string password = "a-password-of-17";
  const auto check_silent = [&](const auto& result) {
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().message().find(password) == std::string::npos);
    CHECK(result.error().message().find('\n') == std::string::npos);
  };
  const auto host = etcd_setting("").substr(etcd_setting("").find("//") + 2);
  for (const auto& address :
       {"http://vault:" + password + "@" + host + "/x", "http://" + password + "/x",
        "http://127.0.0.1:" + password + "/x", "http://127.0.0.1:2379/x y" + password, password,
        "http://127.0.0.1:2379," + password + "/x", "ftp://" + password + "/x"}) {
    const auto store = open_etcd_store(address);
    check_silent(store);
    CHECK(store.error().code() == Errc::invalid_argument);
  }
  auto options = EtcdPlace::options();
  const bool accounts = !options.user.empty();
  options.user = "vault";
  options.password = secret(password);
  const auto store = EtcdPlace().open_with(std::move(options));
  if (!accounts) return;
  const auto root = store->root();
  check_silent(root);
  CHECK(root.error().code() == Errc::permission_denied);
}

TEST_CASE("what lies outside the role is denied, in words that help") {
  if (etcd_setting("_USER").empty()) return;
  const auto store = store_at("outside");
  check_error(store->root(), Errc::permission_denied);
  check_error(commit_to(*store, Revision::absent, "x"), Errc::permission_denied);
  check_error(commit_to(*store, Revision::absent, "x", std::vector<Blob>(300, blob_of(1, "x"))),
              Errc::permission_denied);
  CHECK(store->root().error().message().find("role") != std::string::npos);
}
