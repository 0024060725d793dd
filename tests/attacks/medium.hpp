#pragma once
#include <memory>
#include <span>
#include <string_view>

#include "support/dump.hpp"

namespace tokenvault::test {

/// A medium with a vault on it, in the hands of somebody who writes to it past our backend.
class Medium {
 public:
  Medium() = default;
  virtual ~Medium() = default;
  Medium(const Medium&) = delete;
  Medium& operator=(const Medium&) = delete;

  /// As the vault's own programs open it.
  virtual Result<std::unique_ptr<Store>> open() = 0;
  /// Makes it hold `dump` and nothing else, by means that no rule of ours is on.
  virtual void plant(const Dump& dump) = 0;
  /// Takes the root away and leaves the blobs; false where that cannot be done to it.
  virtual bool drop_root() { return false; }
  /// All that is on it, to see whether anything was written.
  virtual Bytes seen() = 0;
  /// Whether what is planted reaches a store that is open already.
  [[nodiscard]] virtual bool live() const { return true; }
};

/// The media of this build.
std::span<const std::string_view> media();
std::unique_ptr<Medium> make_medium(std::string_view name);

/// Root and blobs in memory, which a test may change as it likes while a vault has them open. No root at revision 0.
struct Cell {
  Dump dump;
  std::uint64_t revision = 1;
};

/// Applies whatever it is sent, also what a store of ours refuses.
class LooseStore final : public Store {
 public:
  explicit LooseStore(std::shared_ptr<Cell> cell) : cell_(std::move(cell)) {}

  [[nodiscard]] Capabilities capabilities() const noexcept override { return {}; }
  Result<Root> root() override;
  Result<Bytes> get(const BlobId& id) override;
  Result<Revision> commit(const Commit& commit) override;
  Result<std::vector<BlobId>> list(const std::optional<BlobId>& after, std::size_t limit) override;
  Result<Revision> revision() override { return Revision{cell_->revision}; }

 private:
  std::shared_ptr<Cell> cell_;
};

}  // namespace tokenvault::test
