#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace tokenvault::orgapi {

/// Points of accounts: something to protect. In memory, gone with the process. Thread-safe; its memory is bounded.
class Ledger {
 public:
  static constexpr std::int64_t kMostPoints = 1'000'000;  // in one reward

  [[nodiscard]] std::int64_t balance(std::string_view account);
  /// The balance after `xp` was added, once for each `id`; nothing where the memory is full.
  std::optional<std::int64_t> reward(std::string_view account, std::int64_t xp, std::string_view id);

 private:
  static constexpr std::size_t kMostRewards = 100'000;
  std::mutex mutex_;
  std::map<std::string, std::int64_t, std::less<>> points_;
  std::set<std::string, std::less<>> ids_;
};

}  // namespace tokenvault::orgapi
