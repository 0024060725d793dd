#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "tokenvault/store.hpp"

namespace tokenvault::etcd {

/// A transaction as etcd's JSON gateway takes it: if all conditions hold, all changes are made at once, else the
/// reads are answered. No key may be changed twice, and there may be at most kMaxOperations of each kind.
class Transaction {
 public:
  Transaction& if_absent(std::string_view key);
  Transaction& if_present(std::string_view key);
  Transaction& if_value(std::string_view key, BytesView value);
  Transaction& if_modified_at(std::string_view key, std::uint64_t revision);
  /// Holds for an absent key too.
  Transaction& if_modified_before(std::string_view key, std::uint64_t revision);

  Transaction& put(std::string_view key, BytesView value, std::uint64_t lease = 0);
  Transaction& erase(std::string_view key);
  Transaction& erase_range(std::string_view from, std::string_view end);

  /// Read where a condition does not hold: the key alone, or its value with it.
  Transaction& else_look(std::string_view key);
  Transaction& else_read(std::string_view key);

  /// Whether it reads where its conditions do not hold.
  [[nodiscard]] bool looks() const noexcept { return !reads_.empty(); }
  [[nodiscard]] std::string body() const;

 private:
  std::string& condition(std::string_view key, std::string_view target);

  std::string conditions_, changes_, reads_;
};

/// etcd's own limit, --max-txn-ops.
inline constexpr std::size_t kMaxOperations = 128;

/// A range of keys: [from, end), or the one key where `end` is empty.
struct RangeQuery {
  std::string from;
  std::string end;
  std::size_t limit = 0;       ///< 0: all
  std::uint64_t revision = 0;  ///< 0: the newest
  bool keys_only = false;

  [[nodiscard]] std::string body() const;
};

}  // namespace tokenvault::etcd
