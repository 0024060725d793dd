#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>

#include "support/contract_place.hpp"
#include "support/fake_clock.hpp"

namespace tokenvault::test {
namespace {

/// Starts `n` threads at one moment and waits for all of them.
template <typename F>
void together(std::uint32_t n, F&& run) {
  std::atomic<std::uint32_t> ready{0};
  std::vector<std::thread> threads;
  for (std::uint32_t i = 0; i < n; ++i)
    threads.emplace_back([&, i] {
      ++ready;
      while (ready < n) std::this_thread::yield();
      run(i);
    });
  for (auto& thread : threads) thread.join();
}

/// Ten rounds in which every store commits on one revision.
void race(const std::vector<Store*>& stores) {
  auto at = Revision::absent;
  for (std::uint32_t round = 0; round < 10; ++round) {
    std::atomic<int> won{0}, lost{0};
    std::atomic<std::uint64_t> winner{0};
    together(static_cast<std::uint32_t>(stores.size()), [&](std::uint32_t i) {
      auto done = commit_to(*stores[i], at, "round", {blob_of(round * 100 + i, "by " + std::to_string(i))});
      if (done) ++won, winner = static_cast<std::uint64_t>(*done);
      if (!done && done.error().code() == Errc::conflict) ++lost;
    });
    CHECK(won == 1);
    CHECK(lost == static_cast<int>(stores.size()) - 1);
    at = Revision{winner.load()};
    for (Store* store : stores) CHECK(*store->revision() == at);
  }
  CHECK(list_all(*stores.front()).size() == 10);
}

}  // namespace

void threads_race(Place& p) { race(std::vector<Store*>(4, &p.store())); }

void reads_beside_commits(Place& p) {
  constexpr std::uint32_t kCommits = 200;
  auto at = p.commit(Revision::absent, "0", {blob_of(0, "blob 0")});
  std::atomic<int> torn{0}, failed{0};
  std::atomic<bool> done{false};
  together(3, [&](std::uint32_t thread) {
    for (std::uint32_t k = 1; thread == 0 && k <= kCommits; ++k) {
      auto next = commit_to(p.store(), at, std::to_string(k), {blob_of(k, "blob " + std::to_string(k))},
                            {id_of(k - 1)});
      if (!next) ++failed;
      if (next) at = *next;
    }
    if (thread == 0) done = true;
    while (!done) {
      auto root = p.store().root();
      if (!root) {
        ++failed;
        continue;
      }
      const auto number = text_of_root(root->bytes);
      const auto blob = Place::get_text_of(p.store(), static_cast<std::uint32_t>(std::stoul(number)));
      if (blob != "blob " + number && *p.store().revision() == root->revision) ++torn;
    }
  });
  CHECK(torn == 0);
  CHECK(failed == 0);
  CHECK(p.root_text() == std::to_string(kCommits));
}

void pages_beside_commits(Place& p) {
  constexpr std::uint32_t kStays = 10'000, kCommits = 60;
  std::vector<Blob> stay;
  for (std::uint32_t i = 0; i < 20; ++i) stay.push_back(blob_of(kStays * (i + 1), "stays"));
  auto at = p.commit(Revision::absent, "r", stay);
  std::atomic<int> wrong{0};
  std::atomic<bool> done{false};
  together(2, [&](std::uint32_t thread) {
    for (std::uint32_t k = 1; thread == 0 && k <= kCommits; ++k) {
      const auto next =
          commit_to(p.store(), at, "r", {blob_of(k * 1000 + 1, "comes")}, {id_of((k - 1) * 1000 + 1)});
      if (!next) ++wrong;
      if (next) at = *next;
    }
    if (thread == 0) done = true;
    do {
      std::vector<BlobId> all;
      for (bool more = true; more;) {
        const auto page = p.store().list(all.empty() ? std::nullopt : std::optional(all.back()), 3);
        if (!page) ++wrong;
        more = page && page->size() == 3;
        if (page) all.insert(all.end(), page->begin(), page->end());
      }
      if (std::ranges::adjacent_find(all, std::greater_equal()) != all.end()) ++wrong;
      for (const Blob& blob : stay) wrong += std::ranges::count(all, blob.id) == 1 ? 0 : 1;
    } while (!done);
  });
  CHECK(wrong == 0);
}

void read_scopes(Place& p) {
  const auto first = p.commit(Revision::absent, "one", {blob_of(1, "a")});
  {
    const ReadScope outer(p.store());
    CHECK(p.root_text() == "one");
    const ReadScope inner(p.store());
    CHECK(p.get_text(1) == "a");
    CHECK(*p.store().revision() == first);
  }
  std::atomic<int> wrong{0};
  together(3, [&](std::uint32_t) {
    for (int i = 0; i < 50; ++i) {
      const ReadScope scope(p.store());
      if (Place::root_text_of(p.store()) != "one" || Place::get_text_of(p.store(), 1) != "a") ++wrong;
    }
  });
  CHECK(wrong == 0);
  p.commit(first, "two");
  CHECK(p.root_text() == "two");
}

void survives_reopening(Place& p) {
  if (!p.can().durable) return;
  const auto first = p.commit(Revision::absent, "one", {blob_of(1, "a"), blob_of(2, "b")});
  const auto second = p.commit(first, "two", {}, {id_of(1)});
  p.close();
  std::vector<Revision> seen = {first, second};
  for (std::uint32_t i = 0; i < 4; ++i) {
    const auto again = p.fixture().open();
    REQUIRE(again != nullptr);
    CHECK(Place::root_text_of(*again) == "two");
    CHECK(*again->revision() == seen.back());
    CHECK(list_all(*again) == std::vector{id_of(2)});
    CHECK(Place::get_text_of(*again, 2) == "b");
    if (i % 2 == 0) continue;
    check_error(commit_to(*again, first, "x"), Errc::conflict);
    const auto next = commit_to(*again, seen.back(), "two");
    REQUIRE(next.has_value());
    CHECK(std::ranges::count(seen, *next) == 0);
    seen.push_back(*next);
  }
}

void seen_by_others(Place& p) {
  if (!p.can().shared) return;
  const auto other = p.fixture().open();
  REQUIRE(other != nullptr);
  auto at = p.commit(Revision::absent, "0", {blob_of(0, "0")});
  for (std::uint32_t k = 1; k < 20; ++k) {
    Store& writer = k % 2 == 0 ? p.store() : *other;
    Store& reader = k % 2 == 0 ? *other : p.store();
    CHECK(*reader.revision() == at);
    const auto next = commit_to(writer, at, std::to_string(k), {blob_of(k, std::to_string(k))});
    REQUIRE(next.has_value());
    CHECK(*reader.revision() == *next);
    CHECK(Place::root_text_of(reader) == std::to_string(k));
    CHECK(Place::get_text_of(reader, k) == std::to_string(k));
    at = *next;
  }
}

void openings_race(Place& p) {
  if (!p.can().shared) return;
  const auto second = p.fixture().open();
  const auto third = p.fixture().open();
  REQUIRE(second != nullptr);
  REQUIRE(third != nullptr);
  race({&p.store(), second.get(), third.get()});
}

void one_state(Place& p) {
  if (!p.can().shared) return;
  const auto other = p.fixture().open();
  REQUIRE(other != nullptr);
  const auto first = p.commit(Revision::absent, "one", {blob_of(1, "a")});
  Result<Revision> second = Revision::absent;
  {
    const ReadScope scope(p.store());
    CHECK(p.root_text() == "one");
    second = commit_to(*other, first, "two", {blob_of(2, "b")}, {id_of(1)});
    REQUIRE(second.has_value());
    CHECK(p.root_text() == "one");
    CHECK(p.store().root()->revision == first);
    CHECK(p.get_text(1) == "a");
    CHECK(p.get_text(2) == "not_found");
  }
  CHECK(*p.store().revision() == *second);
  CHECK(p.root_text() == "two");
  CHECK(p.get_text(1) == "not_found");
}

void read_only(Place& p) {
  const auto first = p.commit(Revision::absent, "one", {blob_of(1, "a")});
  p.close();
  const auto store = p.fixture().open_read_only();
  if (store == nullptr) return;
  CHECK(!store->capabilities().writable);
  check_error(commit_to(*store, first, "two", {}, {id_of(1)}), Errc::read_only);
  check_error(store->compact(), Errc::read_only);
  if (p.fixture().twin() == nullptr) CHECK(*store->revision() == first);
  CHECK(*store->revision() == store->root()->revision);
  CHECK(*store->wait(*store->revision(), std::chrono::milliseconds(1), FakeClock()) == *store->revision());
  CHECK(store->check());
  CHECK(Place::root_text_of(*store) == "one");
  CHECK(Place::get_text_of(*store, 1) == "a");
  CHECK(Place::get_text_of(*store, 7) == "not_found");
}

}  // namespace tokenvault::test
