#pragma once
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "support/temp_dir.hpp"
#include "tokenvault/vault.hpp"

namespace tokenvault::bench {

inline SecretBuffer bytes(std::string_view text) { return SecretBuffer::copy_of(as_bytes(text)).value(); }
inline KeySource key(char fill = 'k') { return KeySource::raw_key(bytes(std::string(32, fill))).value(); }
inline std::string name_of(int i) { return "organisation/service-" + std::to_string(i); }
inline std::string value_of(int i) { return "tok_" + std::to_string(i) + std::string(40, 'x'); }

/// All names below `count` in an order without pattern.
inline std::vector<std::string> shuffled_names(int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.push_back(name_of(i));
  std::ranges::shuffle(names, std::mt19937(1));
  return names;
}

/// A vault of `count` tokens, made in memory and copied in one commit to where it is to be measured:
/// a hundred thousand durable puts would take the morning.
inline std::unique_ptr<Store> fill(std::unique_ptr<Store> target, int count) {
  class Borrowed final : public Store {
   public:
    explicit Borrowed(Store& store) : store_(store) {}
    [[nodiscard]] Capabilities capabilities() const noexcept override { return store_.capabilities(); }
    Result<Root> root() override { return store_.root(); }
    Result<Bytes> get(const BlobId& id) override { return store_.get(id); }
    Result<Revision> commit(const Commit& commit) override { return store_.commit(commit); }
    Result<std::vector<BlobId>> list(const std::optional<BlobId>& after, std::size_t limit) override {
      return store_.list(after, limit);
    }
    Result<Revision> revision() override { return store_.revision(); }

   private:
    Store& store_;
  };
  const auto memory = open_memory_store().value();
  {
    auto vault = Vault::create(std::make_unique<Borrowed>(*memory), key()).value();
    for (int i = 0; i < count; ++i) (void)vault.put(name_of(i), bytes(value_of(i))).value();
  }
  std::vector<Blob> blobs;
  for (const auto& id : memory->list(std::nullopt, 10'000'000).value())
    blobs.push_back({id, memory->get(id).value()});
  const auto root = memory->root().value();
  (void)target->commit({Revision::absent, root.bytes, blobs, {}}).value();
  return target;
}

inline std::unique_ptr<Store> sqlite_store(const std::string& path) {
  return open_sqlite_store(path, {.create = true}).value();
}

}  // namespace tokenvault::bench
