#pragma once
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "support/blobs.hpp"
#include "support/store_contract.hpp"
#include "support/temp_dir.hpp"
#include "tokenvault/backends.hpp"

namespace tokenvault::test {

namespace fs = std::filesystem;

/// A folder with the path of a vault that is not there yet.
class FilePlace final : public StoreFixture {
 public:
  std::unique_ptr<Store> open() override {
    auto store = open_file_store(path(), {.create = true});
    return store ? *std::move(store) : nullptr;
  }
  [[nodiscard]] std::string path() const { return folder_ / "vault.tv"; }
  [[nodiscard]] const TempDir& folder() const { return folder_; }

  /// A vault with one blob.
  void fill() {
    const auto store = open();
    REQUIRE(store);
    REQUIRE(commit_to(*store, Revision::absent, "one", {blob_of(1, "a")}));
  }
  [[nodiscard]] Errc code() const {
    auto store = open_file_store(path());
    return store ? Errc{} : store.error().code();
  }
  void write(std::string_view bytes) const {
    std::ofstream(path(), std::ios::binary | std::ios::trunc) << bytes;
    fs::permissions(path(), fs::perms::owner_read | fs::perms::owner_write);
  }
  [[nodiscard]] std::string read() const {
    std::ifstream file(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_.path())) names.push_back(entry.path().filename());
    std::ranges::sort(names);
    return names;
  }

 private:
  TempDir folder_;
};

}  // namespace tokenvault::test
