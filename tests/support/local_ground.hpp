#pragma once
#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <string>

#include "support/shared_store.hpp"
#include "support/temp_dir.hpp"
#include "tokenvault/backends.hpp"

namespace tokenvault::test {

inline constexpr std::array kWritable{"memory", "file", "sqlite"};
inline constexpr std::array kDurable{"file", "sqlite"};

/// A place of one backend, opened as often as processes come.
class Ground {
 public:
  explicit Ground(std::string_view backend) : backend_(backend) {
    if (backend_ == "memory") shared_ = *open_memory_store();
  }
  [[nodiscard]] std::unique_ptr<Store> open() const {
    if (shared_) return std::make_unique<SharedStore>(shared_);
    auto store = open_store(uri(), {.lock_timeout = std::chrono::seconds(5), .create = true});
    REQUIRE_MESSAGE(store, (store ? "" : store.error().message()));
    return *std::move(store);
  }
  /// Of what lies in the file system.
  [[nodiscard]] std::string uri() const { return backend_ + ":" + folder_ / "vault"; }
  [[nodiscard]] const TempDir& folder() const { return folder_; }

 private:
  std::string backend_;
  TempDir folder_;
  std::shared_ptr<Store> shared_;
};

inline std::shared_ptr<Store> empty_store() { return *open_memory_store(); }

/// The same store once more, as another process would have it.
inline std::unique_ptr<Store> view(const std::shared_ptr<Store>& store) {
  return std::make_unique<SharedStore>(store);
}

}  // namespace tokenvault::test
