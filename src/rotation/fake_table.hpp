#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tokenvault::rotation {

/// One token of a fake provider.
struct FakeToken {
  char value[64];
  char rotation[24];
  std::int64_t ends;  ///< in seconds of the clock
  int unseen;         ///< probes that do not see it yet
  bool foreign;       ///< belongs to another organisation

  [[nodiscard]] std::string_view text() const { return value; }
};

/// All tokens that a fake provider ever made, in memory that processes forked later share. One may be killed in
/// the middle of a change: what it did until then stays, and the next takes its lock over.
class FakeTable {
 public:
  static constexpr std::int64_t kForever = INT64_MAX;

  FakeTable();
  ~FakeTable();
  FakeTable(const FakeTable&) = delete;
  FakeTable& operator=(const FakeTable&) = delete;

  std::uint64_t count_call();
  [[nodiscard]] std::uint64_t calls() const;
  [[nodiscard]] std::uint64_t made() const;
  [[nodiscard]] std::uint64_t count_live(std::int64_t now) const;
  [[nodiscard]] std::vector<std::string> ids_of(std::string_view rotation, std::int64_t now) const;
  /// A copy, by its value or by its id.
  [[nodiscard]] std::optional<FakeToken> find(std::string_view value) const;
  [[nodiscard]] std::string id_of(std::string_view value) const;
  void end(std::string_view value, std::string_view id);
  /// Whether it is seen by one more probe.
  bool see(std::string_view value, std::int64_t now);

  struct Making {
    std::string_view old, value, rotation;
    std::int64_t now = 0;
    std::int64_t old_ends = kForever;  ///< from now on
    int unseen = 0;
    bool foreign = false;
    bool replay = false;        ///< the same token again for the same rotation
    bool same_value = false;    ///< the old one instead of a new one
    bool one_previous = false;  ///< all but it and the old one end
    bool reuse_kills = false;   ///< an old one that has ended ends all
  };
  /// What issue() gives; nothing where the old token has ended.
  std::optional<FakeToken> make(const Making& making);
  void add(std::string_view value, std::string_view rotation);

 private:
  struct Shared;
  class Lock;
  [[nodiscard]] FakeToken* search(std::string_view value) const;
  void end_others(const FakeToken* one, const FakeToken* other);
  FakeToken& append(std::string_view value, std::string_view rotation);
  Shared* shared_;
};

}  // namespace tokenvault::rotation
