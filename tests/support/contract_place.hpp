#pragma once
#include <doctest/doctest.h>

#include <string>

#include "support/blobs.hpp"
#include "support/store_contract.hpp"

namespace tokenvault::test {

/// A fixture, its first opening, and short words for what the sentences do.
class Place {
 public:
  explicit Place(const MakeFixture& make) : fixture_(make()) {
    if (fixture_->twin() == nullptr) reopen();
  }
  [[nodiscard]] Store& store() { return *store_; }
  [[nodiscard]] StoreFixture& fixture() { return *fixture_; }
  [[nodiscard]] const Capabilities& can() const { return can_; }
  void close() { store_.reset(); }

  Revision commit(Revision expected, std::string_view root, const std::vector<Blob>& put = {},
                  const std::vector<BlobId>& erase = {}) {
    auto* const twin = fixture_->twin();
    auto done = commit_to(twin != nullptr ? *twin : *store_, expected, root, put, erase);
    REQUIRE_MESSAGE(done.has_value(), (done ? "" : done.error().message()));
    if (twin != nullptr) reopen();
    return *done;
  }
  [[nodiscard]] std::string root_text() { return root_text_of(*store_); }
  [[nodiscard]] std::string get_text(std::uint32_t number) { return get_text_of(*store_, number); }

  static std::string root_text_of(Store& store) {
    auto root = store.root();
    return root ? text_of_root(root->bytes) : std::string(to_string(root.error().code()));
  }
  static std::string get_text_of(Store& store, std::uint32_t number) {
    auto bytes = store.get(id_of(number));
    return bytes ? std::string(as_text(*bytes)) : std::string(to_string(bytes.error().code()));
  }

 private:
  void reopen() {
    store_ = fixture_->open();
    REQUIRE(store_ != nullptr);
    can_ = store_->capabilities();
  }

  std::unique_ptr<StoreFixture> fixture_;
  std::unique_ptr<Store> store_;
  Capabilities can_;
};

template <typename T>
void check_error(const Result<T>& result, Errc code) {
  REQUIRE(!result.has_value());
  CHECK(to_string(result.error().code()) == to_string(code));
  CHECK(!result.error().message().empty());
  CHECK(result.error().message().find('\n') == std::string::npos);
}

inline std::vector<BlobId> list_all(Store& store) {
  auto ids = store.list(std::nullopt, 100'000);
  REQUIRE(ids.has_value());
  return *ids;
}

// The sentences about several threads, openings and lives of one place.
void threads_race(Place& p);
void reads_beside_commits(Place& p);
void pages_beside_commits(Place& p);
void read_scopes(Place& p);
void survives_reopening(Place& p);
void seen_by_others(Place& p);
void openings_race(Place& p);
void one_state(Place& p);
void read_only(Place& p);

}  // namespace tokenvault::test
