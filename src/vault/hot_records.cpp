#include "vault/hot_records.hpp"

#include <algorithm>
#include <cstring>

#include "core/bytes.hpp"
#include "core/mutant.hpp"
#include "crypto/random.hpp"

namespace tokenvault {

struct HotRecords::Item {
  std::uint64_t expires;
  std::uint32_t version;
  std::uint32_t epoch;
  std::uint32_t stamp;  // 0: dropped
  std::uint32_t size;
  std::array<std::byte, 24> id;
  // the sealed bytes follow
};

namespace {

constexpr std::size_t kUnit = 16;
constexpr std::size_t kFirst = 16 * 1024;  // what a process that reads one token and ends should pay
constexpr std::size_t kChunk = 256 * 1024;
constexpr std::size_t kMost = 256 * 1024 * 1024;  // then start over: a cache may always be dropped
constexpr unsigned kPlaceBits = 28;
constexpr std::uint64_t kPlaceMask = (std::uint64_t{1} << kPlaceBits) - 1;

/// Of the last of `chunks`. Places are numbered as if the first were as large as the others.
constexpr std::size_t room(std::size_t chunks) noexcept { return chunks == 1 ? kFirst : kChunk; }

constexpr std::size_t whole_units(std::size_t size) noexcept { return (size + kUnit - 1) / kUnit * kUnit; }

}  // namespace

HotRecords::HotRecords() : key_(crypto::random_array<16>()), table_(64) {}

std::uint64_t HotRecords::hash(std::string_view name) const noexcept {
  return crypto::short_hash(key_, as_bytes(name)) & ~kPlaceMask;
}

/// Where the table has this hash, or the free place where it would go. Linear probing.
std::size_t HotRecords::place(std::uint64_t hash) const noexcept {
  const std::size_t mask = table_.size() - 1;
  std::size_t i = static_cast<std::size_t>(hash >> kPlaceBits) & mask;
  while (table_[i] != 0 && (table_[i] & ~kPlaceMask) != hash) i = (i + 1) & mask;
  return i;
}

std::byte* HotRecords::at(std::uint64_t slot) const noexcept {
  const std::size_t offset = static_cast<std::size_t>((slot & kPlaceMask) - 1) * kUnit;
  return chunks_[offset / kChunk].get() + offset % kChunk;
}

std::optional<HotRecord> HotRecords::find(std::string_view name) const noexcept {
  const auto slot = table_[place(hash(name))];
  if (slot == 0) return std::nullopt;
  const auto* const bytes = at(slot);
  Item item;
  std::memcpy(&item, bytes, sizeof item);
  if (!mutated("hot.stamp") && item.stamp != stamp_) return std::nullopt;
  return HotRecord{item.expires, item.version, item.epoch, BytesView(bytes + offsetof(Item, id), 24),
                   BytesView(bytes + sizeof(Item), item.size)};
}

void HotRecords::keep(std::string_view name, const HotRecord& record) {
  const std::size_t size = whole_units(sizeof(Item) + record.sealed.size());
  if (size > kChunk) return;
  if (chunks_.size() * kChunk >= kMost || waste_ > count_ * 256 + 4 * kChunk) clear();
  if ((count_ + 1) * 8 > table_.size() * 7) grow();
  const auto key = hash(name);
  const auto i = place(key);
  if (table_[i] == 0) ++count_;
  Item item{record.expires,
            record.version,
            record.epoch,
            stamp_,
            static_cast<std::uint32_t>(record.sealed.size()),
            {}};
  std::copy(record.id.begin(), record.id.end(), item.id.begin());
  std::byte* target = nullptr;
  if (table_[i] != 0) {
    Item old;
    std::memcpy(&old, at(table_[i]), sizeof old);
    if (old.size == item.size)
      target = at(table_[i]);
    else
      waste_ += whole_units(sizeof(Item) + old.size);
  }
  if (target == nullptr) {
    table_[i] = key | append(size);
    target = at(table_[i]);
  }
  std::memcpy(target, &item, sizeof item);
  std::memcpy(target + sizeof item, record.sealed.data(), record.sealed.size());
}

bool HotRecords::confirm(std::string_view name, const BlobId& id, std::uint64_t expires) noexcept {
  const auto slot = table_[place(hash(name))];
  if (slot == 0) return false;
  Item item;
  std::memcpy(&item, at(slot), sizeof item);
  if (item.stamp == 0 || (!mutated("hot.confirm") && item.id != id.bytes)) return false;
  item.stamp = stamp_;
  item.expires = expires;
  std::memcpy(at(slot), &item, sizeof item);
  return true;
}

void HotRecords::drop(std::string_view name) noexcept {
  const auto slot = table_[place(hash(name))];
  if (slot == 0) return;
  const std::uint32_t dropped = 0;
  std::memcpy(at(slot) + offsetof(Item, stamp), &dropped, sizeof dropped);
}

void HotRecords::forget() noexcept {
  if (++stamp_ != 0) return;
  clear();  // 0 marks what was dropped, and old stamps would come round again
  stamp_ = 1;
}

std::uint64_t HotRecords::append(std::size_t size) {
  if (chunks_.empty() || used_ + size > room(chunks_.size())) {
    do chunks_.push_back(std::make_unique_for_overwrite<std::byte[]>(room(chunks_.size() + 1)));
    while (size > room(chunks_.size()));
    used_ = 0;
  }
  const std::size_t offset = (chunks_.size() - 1) * kChunk + used_;
  used_ += size;
  return offset / kUnit + 1;
}

void HotRecords::grow() {
  std::vector<std::uint64_t> old(table_.size() * 2);
  old.swap(table_);
  for (const auto slot : old)
    if (slot != 0) table_[place(slot & ~kPlaceMask)] = slot;
}

void HotRecords::clear() noexcept {
  std::ranges::fill(table_, 0);
  chunks_.clear();
  used_ = count_ = waste_ = 0;
}

}  // namespace tokenvault
