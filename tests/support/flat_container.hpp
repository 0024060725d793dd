#pragma once
#include "support/dump.hpp"

namespace tokenvault::test {

/// The container in one piece of docs/format.md section 6, taken apart. The library has no reader of
/// it. What does not parse as a root up to its end is a root as a whole: the library is to judge it.
/// Errors: tampered, beginning "container: ".
Result<Dump> from_one_piece(BytesView container);

/// A store that gives whatever it was made of, also what no store of ours would take.
class LawlessStore final : public Store {
 public:
  explicit LawlessStore(Dump dump) : dump_(std::move(dump)) {}

  [[nodiscard]] Capabilities capabilities() const noexcept override { return {.writable = false}; }
  Result<Root> root() override { return Root{dump_.root, Revision{1}}; }
  Result<Bytes> get(const BlobId& id) override;
  Result<Revision> commit(const Commit&) override {
    return Error(Errc::read_only, "nothing is written here");
  }
  Result<std::vector<BlobId>> list(const std::optional<BlobId>& after, std::size_t limit) override;
  Result<Revision> revision() override { return Revision{1}; }

 private:
  Dump dump_;
};

/// A memory store that holds `dump` by one commit, or a lawless one where a blob is empty: the format
/// allows that, and no store of ours keeps one.
std::unique_ptr<Store> store_of(Dump dump);

}  // namespace tokenvault::test
