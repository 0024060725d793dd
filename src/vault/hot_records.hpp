#pragma once
#include <memory>
#include <string_view>
#include <vector>

#include "format/record.hpp"

namespace tokenvault {

/// One cached current version: sealed bytes as the store keeps them, and what opening needs.
struct HotRecord {
  std::uint64_t expires = 0;
  std::uint32_t version = 0;
  std::uint32_t epoch = 0;
  BytesView id;
  BytesView sealed;
};

/// Current records of an open vault, still sealed, found by a hash of the name. Costs at most 64
/// bytes a token beside the sealed bytes, and no heap allocation on a hit. A name's hash may collide:
/// the record's associated data holds the name, so a collision shows as "does not open" and the
/// caller takes the long way. Readers may share it; a change needs the vault's exclusive lock.
class HotRecords {
 public:
  HotRecords();

  /// The record kept for `name`, if it was kept or confirmed since the last forget().
  [[nodiscard]] std::optional<HotRecord> find(std::string_view name) const noexcept;

  /// Keeps a record, in place of any other for that name.
  void keep(std::string_view name, const HotRecord& record);

  /// After a forget(): the store still has this very record as `name`'s current one, which expires then.
  /// False if not kept.
  bool confirm(std::string_view name, const BlobId& id, std::uint64_t expires) noexcept;

  /// Drops one name, or doubts all: somebody else has committed.
  void drop(std::string_view name) noexcept;
  void forget() noexcept;

 private:
  struct Item;
  [[nodiscard]] std::uint64_t hash(std::string_view name) const noexcept;
  [[nodiscard]] std::size_t place(std::uint64_t hash) const noexcept;
  [[nodiscard]] std::byte* at(std::uint64_t slot) const noexcept;
  std::uint64_t append(std::size_t size);
  void grow();
  void clear() noexcept;

  std::array<std::byte, 16> key_;
  std::vector<std::uint64_t> table_;  // 36 bits of hash, 28 bits of place + 1 in units of 16 bytes; 0: free
  std::vector<std::unique_ptr<std::byte[]>> chunks_;
  std::size_t used_ = 0;  // of the last chunk
  std::size_t count_ = 0;
  std::size_t waste_ = 0;  // bytes of replaced records
  std::uint32_t stamp_ = 1;
};

}  // namespace tokenvault
