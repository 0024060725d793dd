#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "format/header.hpp"
#include "tokenvault/policy.hpp"
#include "tokenvault/rotation_info.hpp"

namespace tokenvault::format {

using Id16 = std::array<std::byte, 16>;
inline constexpr std::size_t kMaxObligations = 64;
inline constexpr std::size_t kMaxMade = 8;
inline constexpr std::size_t kMaxNoteSize = 255;

/// A span of time that has begun: by the machine's own count and by the wall clock. docs/format.md 4.2.
struct Span {
  Id16 boot{};
  std::uint64_t uptime = 0;
  std::uint64_t wall = 0;
  std::uint64_t length = 0;  ///< seconds
};

/// The process that is asking the provider.
struct Holder {
  Id16 run{};  ///< random, one per Rotator; zeros: nobody
  std::uint64_t pid_space = 0;
  std::uint32_t pid = 0;
  std::uint64_t started = 0;
};

/// A version that a rotation made, and what the provider calls it.
struct Made {
  std::uint32_t version = 0;
  std::string id;
};

/// docs/format.md 4.2.
struct Rotation {
  Phase phase = Phase::idle;
  Id16 id{};
  bool asks = false;
  bool overridden = false;
  std::uint32_t old_version = 0;
  std::uint32_t new_version = 0;
  std::uint64_t started = 0, changed = 0;
  std::uint64_t next_try = 0;
  std::uint16_t attempts = 0;
  std::uint8_t rejections = 0;
  Span span;
  Holder holder;
  std::string owner;
  std::string note;
  std::vector<Made> made;
  std::vector<Obligation> obligations;

  [[nodiscard]] bool open() const noexcept { return is_open(phase); }
  [[nodiscard]] const Made* find_made(std::uint32_t version) const noexcept;
};

Bytes encode_rotation(const Rotation& rotation);
/// Idle for empty bytes. Errors: tampered; unsupported for another version of the field.
Result<Rotation> decode_rotation(BytesView bytes);

Bytes encode_policy(const Policy& policy);
/// Errors: as decode_rotation.
Result<Policy> decode_policy(BytesView bytes);

struct Entry;
/// A token's own fields; no policy where it has none. Errors: as decode_rotation.
Result<Rotation> rotation_of(const Entry& entry);
Result<std::optional<Policy>> policy_of(const Entry& entry);

/// Nothing where a newer program wrote it: that one has to tell of it.
template <typename T>
Result<std::optional<T>> unless_newer(Result<T> read) {
  if (read) return std::optional<T>(*std::move(read));
  if (read.error().code() == Errc::unsupported) return std::optional<T>();
  return std::move(read).error();
}

/// 22 letters and digits (base 62, most significant first), as providers and people see it.
std::string id_text(const Id16& id);

}  // namespace tokenvault::format
