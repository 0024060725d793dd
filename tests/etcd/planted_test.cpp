// What somebody who may write to etcd can put there: refused by what it is, never a crash, never "empty".
#include "support/contract_place.hpp"
#include "support/etcd_control.hpp"

using namespace tokenvault;
using namespace tokenvault::test;

namespace {

/// A sound place, and the means to spoil it.
struct Planted {
  Planted() {
    const auto done = commit_to(*store, Revision::absent, "one", {blob_of(1, "a"), blob_of(2, "b")});
    REQUIRE(done);
    revision = *done;
  }
  [[nodiscard]] std::string key(std::string_view name) const {
    return "/" + place.prefix() + "/" + std::string(name);
  }
  [[nodiscard]] static std::string blob_name(std::uint32_t number) {
    return "blob/" + EtcdControl::hex(as_text(id_of(number).bytes));
  }
  void plant(std::string_view name, std::string_view value) { control.put(key(name), value); }
  void remove(std::string_view name) { control.erase(key(name)); }

  EtcdPlace place;
  EtcdControl control;
  std::unique_ptr<Store> store = place.open();
  Revision revision = Revision::absent;
};

}  // namespace

TEST_CASE("a root that no vault wrote is tampered, and takes no commit") {
  Planted at;
  SUBCASE("without its revision") { at.remove("revision"); }
  SUBCASE("a revision without its root") { at.remove("root"); }
  SUBCASE("an empty root") { at.plant("root", ""); }
  SUBCASE("a root too large") { at.plant("root", std::string(kMaxRootSize + 1, 'r')); }
  SUBCASE("an empty revision") { at.plant("revision", ""); }
  SUBCASE("a revision of 7 bytes") { at.plant("revision", "7 bytes"); }
  SUBCASE("a revision of 9 bytes") { at.plant("revision", "nine byte"); }
  SUBCASE("a revision that means none") { at.plant("revision", std::string(8, '\0')); }
  check_error(at.store->root(), Errc::tampered);
  check_error(at.store->check(), Errc::tampered);
  const auto fresh = commit_to(*at.store, Revision::absent, "first");
  CHECK_FALSE(fresh.has_value());
}

TEST_CASE("a revision that no vault wrote is tampered to whoever asks for it alone") {
  Planted at;
  SUBCASE("empty") { at.plant("revision", ""); }
  SUBCASE("7 bytes") { at.plant("revision", "7 bytes"); }
  SUBCASE("none") { at.plant("revision", std::string(8, '\0')); }
  check_error(at.store->revision(), Errc::tampered);
  check_error(commit_to(*at.store, at.revision, "two"), Errc::conflict);
}

TEST_CASE("a blob that no vault put is tampered") {
  Planted at;
  SUBCASE("empty") { at.plant(Planted::blob_name(1), ""); }
  SUBCASE("too large") { at.plant(Planted::blob_name(1), std::string(kMaxBlobSize + 1, 'b')); }
  SUBCASE("much too large") { at.plant(Planted::blob_name(1), std::string(1'200'000, 'b')); }
  check_error(at.store->get(id_of(1)), Errc::tampered);
  CHECK(Place::get_text_of(*at.store, 2) == "b");
}

TEST_CASE("a name under blob/ that is no blob's is tampered to whoever lists them, and harmless otherwise") {
  Planted at;
  SUBCASE("none") { at.plant("blob/", "x"); }
  SUBCASE("short") { at.plant("blob/00ff", "x"); }
  SUBCASE("long") { at.plant(Planted::blob_name(1) + "00", "x"); }
  SUBCASE("capitals") { at.plant("blob/" + std::string(48, 'A'), "x"); }
  SUBCASE("other letters") { at.plant("blob/" + std::string(48, 'g'), "x"); }
  SUBCASE("bytes that are no text") { at.plant("blob/" + std::string("\xff\x00\n\"\\", 5), "x"); }
  SUBCASE("JSON") { at.plant(R"(blob/"],"kvs":[{"key":")", R"({"a":)"); }
  check_error(at.store->list(std::nullopt, 100), Errc::tampered);
  CHECK(Place::get_text_of(*at.store, 1) == "a");
  CHECK(commit_to(*at.store, at.revision, "two"));
}

TEST_CASE("values that look like JSON or worse come back as they are") {
  Planted at;
  for (const std::string value : {R"("},{"value":")", "\xff\xfe\0x", "\\u0000", "]}]}]}"}) {
    at.plant(Planted::blob_name(1), value);
    CHECK(Place::get_text_of(*at.store, 1) == value);
  }
}

TEST_CASE("keys of strangers beside the vault's own are no business of it") {
  Planted at;
  at.plant("zebra", "x");
  at.plant("", "x");
  at.plant("blobs", "x");
  at.plant("root/", "x");
  at.plant("rigel", "x");
  at.plant("rival", "x");
  CHECK(Place::root_text_of(*at.store) == "one");
  CHECK(list_all(*at.store).size() == 2);
  CHECK(at.store->compact());
  CHECK(*at.store->revision() == at.store->root()->revision);
  CHECK(at.control.below(at.key("")).size() == 10);
}

TEST_CASE(
    "uploads and lists of erasure that no vault wrote are an error or nothing, and take no blob with them") {
  Planted at;
  SUBCASE("a list of part of an id") { at.plant("upload/" + std::string(32, 'a') + "/0", "x"); }
  SUBCASE("a list of blobs that it did not put") {
    at.plant("upload/" + std::string(32, 'a') + "/0", as_text(id_of(1).bytes));
  }
  SUBCASE("an upload without a name") { at.plant("upload/", "x"); }
  SUBCASE("one that ends in a slash") { at.plant("upload//", ""); }
  SUBCASE("a list of erasure with part of an id") { at.plant("erase/" + std::string(32, 'a'), "x"); }
  SUBCASE("an empty one") { at.plant("erase/", ""); }
  const auto done = at.store->compact();
  if (!done) CHECK(done.error().code() == Errc::tampered);
  CHECK(list_all(*at.store).size() == 2);
  CHECK(commit_to(*at.store, at.revision, "two", {blob_of(3, "c")}));
}
