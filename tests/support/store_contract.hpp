#pragma once
#include <doctest/doctest.h>

#include <functional>
#include <memory>

#include "tokenvault/store.hpp"

namespace tokenvault::test {

/// A place where a backend can keep one store: made empty, gone with the object.
class StoreFixture {
 public:
  virtual ~StoreFixture() = default;
  /// Opens the place, the first time and again. Where the backend is neither durable nor shared it is
  /// asked once only. Where there is a twin: read-only, holding what the twin holds now.
  virtual std::unique_ptr<Store> open() = 0;
  /// Takes the commits for a backend that takes none, or null.
  virtual Store* twin() { return nullptr; }
  /// The place opened so that it cannot be written, or null where the backend cannot do that. Every
  /// other opening is closed by then.
  virtual std::unique_ptr<Store> open_read_only() { return nullptr; }
};

using MakeFixture = std::function<std::unique_ptr<StoreFixture>()>;

/// One subcase per sentence of backends/README.md; those that the capabilities leave out pass empty. Of a
/// backend that takes no commits: those that speak of reading.
void run_store_contract(const MakeFixture& make);

}  // namespace tokenvault::test

#define TV_STORE_CONTRACT(Fixture)                                                      \
  TEST_CASE("store contract: " #Fixture) {                                              \
    ::tokenvault::test::run_store_contract([] { return std::make_unique<Fixture>(); }); \
  }
