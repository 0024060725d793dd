#include "support/store_contract.hpp"

#include <array>
#include <thread>

#include "support/contract_place.hpp"
#include "support/fake_clock.hpp"

namespace tokenvault::test {
namespace {

using namespace std::chrono_literals;

void empty_place(Place& p) {
  check_error(p.store().root(), Errc::no_vault);
  CHECK(*p.store().revision() == Revision::absent);
  CHECK(list_all(p.store()).empty());
}

void first_commit(Place& p) { CHECK(p.commit(Revision::absent, "one") != Revision::absent); }

void root_as_committed(Place& p) {
  const auto first = p.commit(Revision::absent, "one");
  const auto second = p.commit(first, "two, and longer");
  CHECK(p.root_text() == "two, and longer");
  CHECK(p.store().root()->revision == second);
}

void blobs_as_put(Place& p) {
  p.commit(Revision::absent, "r", {blob_of(1, "a"), blob_of(2, "bb"), blob_of(3, "a")});
  CHECK(p.get_text(1) == "a");
  CHECK(p.get_text(2) == "bb");
  CHECK(p.get_text(3) == "a");
}

void memory_of_the_caller(Place& p) {
  auto root = root_of("the root");
  std::vector<Blob> put = {blob_of(1, "the blob")};
  std::vector<BlobId> erase = {id_of(2)};
  const auto first = p.commit(Revision::absent, "r", {blob_of(2, "b"), blob_of(3, "c")});
  REQUIRE(p.store().commit({.expected = first, .root = root, .put = put, .erase = erase}).has_value());
  root.assign(root.size(), std::byte{'x'});
  put[0].bytes.assign(put[0].bytes.size(), std::byte{'x'});
  put[0].id = erase[0] = id_of(3);
  CHECK(p.root_text() == "the root");
  CHECK(p.get_text(1) == "the blob");
  CHECK(list_all(p.store()) == std::vector{id_of(1), id_of(3)});
}

void erased(Place& p) {
  const auto first = p.commit(Revision::absent, "r", {blob_of(1, "a"), blob_of(2, "b")});
  p.commit(first, "r", {}, {id_of(1)});
  check_error(p.store().get(id_of(1)), Errc::not_found);
  CHECK(p.get_text(2) == "b");
}

void never_put(Place& p) {
  check_error(p.store().get(id_of(7)), Errc::not_found);
  p.commit(Revision::absent, "r", {blob_of(1, "a")});
  check_error(p.store().get(id_of(7)), Errc::not_found);
}

void erase_absent(Place& p) {
  const auto first = p.commit(Revision::absent, "one", {blob_of(1, "a")}, {id_of(9)});
  p.commit(first, "two", {}, {id_of(1), id_of(9), id_of(1)});
  CHECK(p.root_text() == "two");
  CHECK(list_all(p.store()).empty());
}

void conflicts(Place& p) {
  check_error(commit_to(p.store(), Revision{77}, "x"), Errc::conflict);
  const auto first = p.commit(Revision::absent, "one");
  check_error(commit_to(p.store(), Revision::absent, "x"), Errc::conflict);
  const auto second = p.commit(first, "two");
  check_error(commit_to(p.store(), first, "x"), Errc::conflict);
  CHECK(p.root_text() == "two");
  p.commit(second, "three");
}

void failure_changes_nothing(Place& p) {
  const auto first = p.commit(Revision::absent, "one", {blob_of(1, "a"), blob_of(2, "b")});
  check_error(commit_to(p.store(), Revision::absent, "x", {blob_of(3, "c")}, {id_of(1)}), Errc::conflict);
  check_error(commit_to(p.store(), first, "x", {blob_of(3, "c"), blob_of(2, "other")}, {id_of(1)}),
              Errc::already_exists);
  check_error(commit_to(p.store(), first, "x", {blob_of(3, "c"), blob_of(4, "")}, {id_of(1)}),
              Errc::invalid_argument);
  CHECK(p.root_text() == "one");
  CHECK(*p.store().revision() == first);
  CHECK(p.get_text(1) == "a");
  CHECK(p.get_text(2) == "b");
  CHECK(p.get_text(3) == "not_found");
  CHECK(list_all(p.store()).size() == 2);
  p.commit(first, "two", {blob_of(3, "c")});
  CHECK(p.get_text(3) == "c");
}

void same_bytes_again(Place& p) {
  const auto first = p.commit(Revision::absent, "one", {blob_of(1, "a")});
  p.commit(first, "two", {blob_of(1, "a"), blob_of(2, "b"), blob_of(2, "b")});
  CHECK(p.root_text() == "two");
  CHECK(p.get_text(1) == "a");
  CHECK(p.get_text(2) == "b");
}

void other_bytes(Place& p) {
  const auto first = p.commit(Revision::absent, "one", {blob_of(1, "a")});
  check_error(commit_to(p.store(), first, "two", {blob_of(1, "b")}), Errc::already_exists);
  check_error(commit_to(p.store(), first, "two", {blob_of(2, "b"), blob_of(2, "c")}), Errc::already_exists);
  CHECK(p.get_text(1) == "a");
  CHECK(p.get_text(2) == "not_found");
}

void put_and_erased(Place& p) {
  p.commit(Revision::absent, "r", {blob_of(1, "a"), blob_of(2, "b")}, {id_of(1)});
  CHECK(p.get_text(1) == "not_found");
  CHECK(p.get_text(2) == "b");
}

void revisions_differ(Place& p) {
  std::vector<Revision> seen = {Revision::absent};
  for (int i = 0; i < 20; ++i) {
    const auto next = p.commit(seen.back(), "same");
    for (const auto before : seen) CHECK(next != before);
    seen.push_back(next);
  }
}

void listing_order(Place& p) {
  const auto first = p.commit(Revision::absent, "r",
                              {blob_of(300, "c"), blob_of(2, "b"), blob_of(1, "a"), blob_of(70'000, "d")});
  CHECK(list_all(p.store()) == std::vector{id_of(1), id_of(2), id_of(300), id_of(70'000)});
  CHECK(*p.store().list(id_of(2), 10) == std::vector{id_of(300), id_of(70'000)});
  CHECK(*p.store().list(id_of(3), 10) == std::vector{id_of(300), id_of(70'000)});
  CHECK(p.store().list(id_of(70'000), 10)->empty());
  p.commit(first, "r", {}, {id_of(300)});
  CHECK(list_all(p.store()) == std::vector{id_of(1), id_of(2), id_of(70'000)});
}

void listing_limit(Place& p) {
  p.commit(Revision::absent, "r", {blob_of(1, "a"), blob_of(2, "b"), blob_of(3, "c")});
  CHECK(p.store().list(std::nullopt, 0)->empty());
  CHECK(*p.store().list(std::nullopt, 2) == std::vector{id_of(1), id_of(2)});
  CHECK(*p.store().list(id_of(2), 2) == std::vector{id_of(3)});
  CHECK(p.store().list(std::nullopt, 3)->size() == 3);
  CHECK(p.store().list(std::nullopt, SIZE_MAX)->size() == 3);
}

void sizes(Place& p) {
  const std::string root(kMaxRootSize - kRootShell, 'r');
  const std::string blob(kMaxBlobSize, 'b');
  const auto first = p.commit(Revision::absent, root, {blob_of(1, blob)});
  CHECK((p.root_text() == root));
  CHECK((p.get_text(1) == blob));
  check_error(commit_to(p.store(), first, root + "r"), Errc::invalid_argument);
  check_error(commit_to(p.store(), first, ""), Errc::invalid_argument);
  check_error(commit_to(p.store(), first, "r", {blob_of(2, blob + "b")}), Errc::invalid_argument);
  check_error(commit_to(p.store(), first, "r", {blob_of(2, "")}), Errc::invalid_argument);
  CHECK((p.root_text() == root));
}

void any_bytes(Place& p) {
  std::string all(3, '\0');
  for (int c = 255; c >= 0; --c) all.push_back(static_cast<char>(c));
  p.commit(Revision::absent, all, {blob_of(1, all), blob_of(2, std::string(5, '\0'))});
  CHECK((p.root_text() == all));
  CHECK((p.get_text(1) == all));
  CHECK((p.get_text(2) == std::string(5, '\0')));
}

void revision_is_the_roots(Place& p) {
  auto at = Revision::absent;
  for (int i = 0; i < 5; ++i) {
    at = p.commit(at, "r" + std::to_string(i));
    CHECK(*p.store().revision() == at);
    CHECK(p.store().root()->revision == at);
    CHECK(*p.store().revision() == at);
    check_error(commit_to(p.store(), Revision::absent, "x"), Errc::conflict);
    CHECK(*p.store().revision() == at);
  }
}

void waits(Place& p) {
  const FakeClock clock;
  CHECK(*p.store().wait(Revision::absent, 1ms, clock) == Revision::absent);
  const auto first = p.commit(Revision::absent, "r");
  const auto before = clock.steady();
  CHECK(*p.store().wait(Revision::absent, 1h, clock) == first);
  CHECK(clock.steady() == before);
  CHECK(*p.store().wait(first, 1ms, clock) == first);
  CHECK(*p.store().wait(first, 0ms, clock) == first);
  CHECK(*p.store().wait(first, -1h, clock) == first);
  Result<Revision> second = Revision::absent;
  std::thread writer([&] {
    std::this_thread::sleep_for(5ms);
    second = commit_to(p.store(), first, "two");
  });
  const auto seen = p.store().wait(first, std::chrono::nanoseconds::max(), clock);
  writer.join();
  CHECK(*seen == *second);
}

void told(Place& p) {
  if (!p.can().wait) return;
  const FakeClock clock;
  const auto other = p.can().shared ? p.fixture().open() : nullptr;
  auto at = p.commit(Revision::absent, "r");
  for (int i = 0; i < 10; ++i) {
    const auto before = at;
    const auto next = commit_to(other ? *other : p.store(), before, "r");
    REQUIRE(next.has_value());
    at = *next;
    CHECK(*p.store().wait(before, 1h, clock) == at);
    for (int k = 0; k < 10; ++k) CHECK(p.store().told().value_or(at) == at);
  }
}

void check_and_compact(Place& p) {
  CHECK(p.store().check().has_value());
  CHECK(p.store().compact().has_value());
  const auto first = p.commit(Revision::absent, "one", {blob_of(1, "a"), blob_of(2, "b")});
  const auto second = p.commit(first, "two", {}, {id_of(1)});
  CHECK(p.store().check().has_value());
  CHECK(p.store().compact().has_value());
  CHECK(p.store().check().has_value());
  CHECK(*p.store().revision() == second);
  CHECK(p.root_text() == "two");
  CHECK(list_all(p.store()) == std::vector{id_of(2)});
  CHECK(p.get_text(2) == "b");
  p.commit(second, "three");
}

void thousand_blobs(Place& p) {
  std::vector<Blob> blobs;
  std::vector<BlobId> ids;
  for (std::uint32_t i = 0; i < 1000; ++i) blobs.push_back(blob_of(i, std::string(i + 1, 'x')));
  for (const auto& blob : blobs) ids.push_back(blob.id);
  const auto first = p.commit(Revision::absent, "one", blobs);
  CHECK(list_all(p.store()) == ids);
  CHECK(p.get_text(999).size() == 1000);
  p.commit(first, "two", {}, ids);
  CHECK(list_all(p.store()).empty());
}

enum class Speaks : std::uint8_t { of_commits, of_reading };

struct Sentence {
  const char* name;
  void (*run)(Place&);
  Speaks speaks = Speaks::of_commits;
};

constexpr std::array kSentences = {
    Sentence{"S1: an empty place", empty_place},
    Sentence{"S2: the first commit", first_commit},
    Sentence{"S3: the root as committed", root_as_committed},
    Sentence{"S4: blobs as put", blobs_as_put, Speaks::of_reading},
    Sentence{"S5: memory of the caller", memory_of_the_caller},
    Sentence{"S6: erased blobs are gone", erased, Speaks::of_reading},
    Sentence{"S7: blobs never put", never_put},
    Sentence{"S8: erasing what is not there", erase_absent},
    Sentence{"S9: conflicts", conflicts},
    Sentence{"S10: a failed commit changes nothing", failure_changes_nothing},
    Sentence{"S11: the same bytes again", same_bytes_again},
    Sentence{"S12: other bytes under one id", other_bytes},
    Sentence{"S13: put and erased at once", put_and_erased, Speaks::of_reading},
    Sentence{"S14: revisions differ", revisions_differ},
    Sentence{"S15: listing in order", listing_order, Speaks::of_reading},
    Sentence{"S16: listing up to a limit", listing_limit, Speaks::of_reading},
    Sentence{"S17: sizes", sizes},
    Sentence{"S18: any bytes", any_bytes, Speaks::of_reading},
    Sentence{"S19: the revision is the root's", revision_is_the_roots},
    Sentence{"S20: waiting", waits},
    Sentence{"S21: threads race", threads_race},
    Sentence{"S22: reads beside commits", reads_beside_commits},
    Sentence{"S23: pages beside commits", pages_beside_commits},
    Sentence{"S24: read scopes", read_scopes, Speaks::of_reading},
    Sentence{"S25: check and compact", check_and_compact},
    Sentence{"S26: a thousand blobs", thousand_blobs},
    Sentence{"S27: reopening", survives_reopening},
    Sentence{"S28: other openings see commits", seen_by_others},
    Sentence{"S29: openings race", openings_race},
    Sentence{"S30: one state in a read scope", one_state},
    Sentence{"S31: read-only", read_only, Speaks::of_reading},
    Sentence{"S32: told without a question", told},
};

}  // namespace

void run_store_contract(const MakeFixture& make) {
  for (const Sentence& sentence : kSentences) {
    SUBCASE(sentence.name) {
      if (sentence.speaks == Speaks::of_commits && make()->twin() != nullptr) continue;
      Place place(make);
      sentence.run(place);
    }
  }
}

}  // namespace tokenvault::test
