// What a store refuses by itself, and what it takes for no answer of etcd's.
#include <sys/stat.h>

#include <fstream>

#include "support/contract_place.hpp"
#include "support/etcd_control.hpp"
#include "support/temp_dir.hpp"

using namespace tokenvault;
using namespace tokenvault::test;

TEST_CASE("a private key that is open to all users is refused before it is used") {
  TempDir folder;
  for (const auto* name : {"cert.pem", "key.pem"}) std::ofstream(folder / name) << "x";
  const auto open = [&](mode_t mode) {
    REQUIRE(::chmod((folder / "key.pem").c_str(), mode) == 0);
    EtcdOptions options;
    options.cert_file = folder / "cert.pem";
    options.key_file = folder / "key.pem";
    return open_etcd_store("https://127.0.0.1:1/x", std::move(options));
  };
  for (const mode_t mode : {0400U, 0600U, 0640U, 0660U}) CHECK(open(mode));
  for (const mode_t mode : {0644U, 0604U, 0602U, 0601U, 0777U}) check_error(open(mode), Errc::refused);
}

TEST_CASE("nothing is committed inside a read scope") {
  EtcdPlace place;
  const auto store = place.open();
  const auto at = commit_to(*store, Revision::absent, "one");
  REQUIRE(at);
  {
    const ReadScope scope(*store);
    check_error(commit_to(*store, *at, "two"), Errc::internal);
    CHECK(Place::root_text_of(*store) == "one");
    check_error(commit_to(*store, *at, "two"), Errc::internal);
  }
  CHECK(commit_to(*store, *at, "two"));
}

TEST_CASE("a commit that another was faster than is a conflict, whatever became of its blobs") {
  EtcdPlace place;
  EtcdControl control;
  const auto store = place.open();
  const auto first = commit_to(*store, Revision::absent, "one");
  REQUIRE(first);
  REQUIRE(commit_to(*place.open(), *first, "another's", {blob_of(1, "a")}));
  const auto sent = control.count("arrived kv/txn");
  check_error(commit_to(*store, *first, "two"), Errc::conflict);
  check_error(commit_to(*store, *first, "two", {blob_of(1, "other bytes")}), Errc::conflict);
  CHECK(control.count("arrived kv/txn") == sent + 2);  // and is not tried again
  std::vector<Blob> many;
  for (std::uint32_t i = 10; i < 310; ++i) many.push_back(blob_of(i, "x"));
  check_error(commit_to(*store, *first, "two", many), Errc::conflict);
  CHECK(Place::root_text_of(*store) == "another's");
  CHECK(list_all(*store) == std::vector{id_of(1)});
}

TEST_CASE("an answer that is nested deeper than etcd's are is none") {
  EtcdPlace place;
  EtcdControl control;
  const auto store = place.open();
  const auto answer_with = [&](std::size_t lists) {
    const auto body =
        R"({"header":{"revision":"5"},"x":)" + std::string(lists, '[') + std::string(lists, ']') + "}";
    control.tell("right");
    control.tell("fault kv/range 0 1000 say 200 " + EtcdControl::hex(body));
  };
  answer_with(15);
  check_error(store->root(), Errc::no_vault);
  for (const std::size_t lists : {16U, 17U, 1000U, 20'000U}) {
    answer_with(lists);
    check_error(store->root(), Errc::io);
  }
  control.tell("right");
}
