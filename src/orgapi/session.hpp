#pragma once
#include <array>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokenvault/clock.hpp"

namespace tokenvault::orgapi {

/// Who is logged in. Only hashes of the session ids are kept, in memory. Thread-safe.
class Sessions {
 public:
  static constexpr std::chrono::minutes kIdle{15};
  static constexpr std::size_t kMost = 16;

  explicit Sessions(const Clock& clock) : clock_(&clock) {}

  /// A new one's id: 256 random bits in hexadecimal. The one that was idle for longest gives way.
  [[nodiscard]] std::string begin();
  /// Whether `id` is one that was used within the last 15 minutes; it counts as used now.
  [[nodiscard]] bool renew(std::string_view id);
  void end(std::string_view id);

 private:
  using Digest = std::array<unsigned char, 32>;
  struct Session {
    Digest digest;
    std::chrono::nanoseconds used;
  };
  [[nodiscard]] static Digest digest_of(std::string_view id);
  [[nodiscard]] std::vector<Session>::iterator find(std::string_view id);

  const Clock* clock_;
  std::mutex mutex_;
  std::vector<Session> sessions_;
};

}  // namespace tokenvault::orgapi
