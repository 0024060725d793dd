#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/record.hpp"
#include "tokenvault/clock.hpp"

namespace tokenvault::format {

inline constexpr std::size_t kFanOut = 16;
inline constexpr std::size_t kMaxDepth = 64;
inline constexpr std::size_t kSplitAbove = 4096;  // bytes of an encoded leaf
inline constexpr std::size_t kMaxEntrySize = 65536;
inline constexpr std::size_t kMaxLabelSize = 255;
inline constexpr std::size_t kMaxFields = 255;
inline constexpr std::size_t kNodePad = 1024;
inline constexpr std::uint64_t kNever = ~std::uint64_t{0};

/// The times of an entry are whole seconds since 1970.
inline Time to_time(std::uint64_t seconds) noexcept { return Time(std::chrono::seconds(seconds)); }

/// The 64 digits of 4 bits that say where a name lives in the tree.
class Path {
 public:
  Path(const SecretBuffer& tree_key, std::string_view name) noexcept;
  [[nodiscard]] std::uint8_t digit(std::size_t depth) const noexcept {
    const auto byte = std::to_integer<std::uint8_t>(hash_[depth / 2]);
    return depth % 2 == 0 ? byte >> 4 : byte & 15;
  }
  auto operator<=>(const Path&) const = default;

 private:
  std::array<std::byte, 32> hash_;
};

/// The digits that lead to one node.
struct Digits {
  std::array<std::byte, kMaxDepth> digit{};
  std::uint8_t depth = 0;

  [[nodiscard]] Digits down(std::uint8_t next) const noexcept {
    Digits below = *this;
    below.digit[below.depth++] = std::byte{next};
    return below;
  }
  [[nodiscard]] bool leads_to(const Path& path) const noexcept;
};

struct Version {
  std::uint32_t number = 0;
  Stage stage = Stage::current;
  std::uint64_t created = 0;
  std::uint64_t expires = 0;  ///< 0: never
  Pointer record;
};

enum class FieldTag : std::uint8_t { label = 1, policy = 2, rotation = 3, suspect = 4 };

struct Field {
  std::uint8_t tag = 0;
  Bytes bytes;
};

/// A version that was rejected by whoever it is for.
struct Suspect {
  std::uint32_t version = 0;
  std::uint64_t since = 0;
};

/// All that is known of one token but its values.
struct Entry {
  std::string name;
  bool removed = false;
  bool destroyed = false;
  std::uint32_t last = 0;  ///< highest number ever given
  std::uint64_t wake = kNever;
  std::vector<Field> fields;
  std::vector<Version> versions;

  [[nodiscard]] bool listed() const noexcept { return !removed && !destroyed; }
  [[nodiscard]] const Version* find(Stage stage) const noexcept;
  [[nodiscard]] const Version* find(std::uint32_t number) const noexcept;
  /// A field's bytes; empty where it is not there.
  [[nodiscard]] BytesView field(FieldTag tag) const noexcept;
  /// Empty bytes take the field away.
  void set_field(FieldTag tag, BytesView bytes);
  [[nodiscard]] std::string_view label() const noexcept { return as_text(field(FieldTag::label)); }
  [[nodiscard]] std::optional<Suspect> suspect() const noexcept;
  void set_suspect(const Suspect& suspect);
};

struct Child {
  Pointer pointer;
  std::uint64_t wake = kNever;
};

/// A leaf's entries or a branch's children.
struct Body {
  bool branch = false;
  std::vector<Entry> entries;  ///< ascending by name
  std::array<std::optional<Child>, kFanOut> children{};

  [[nodiscard]] std::uint64_t wake() const noexcept;
};

struct SlotLabel {
  SlotId slot{};
  std::uint64_t created = 0;
  std::string text;
};

using CommitId = std::array<std::byte, 16>;
inline constexpr std::size_t kMaxCommits = 32;

/// docs/format.md 3.4, but for the tree key, which stays in the arena.
struct Top {
  std::vector<CommitId> commits;  ///< newest last
  std::vector<SlotLabel> labels;  ///< ascending by slot
  std::uint64_t tokens = 0;
  Body body;
};

Bytes encode_body(const Body& body);
std::size_t entry_size(const Entry& entry) noexcept;
/// Errors: tampered, for anything against docs/format.md section 4 that the body alone shows.
Result<Body> decode_body(BytesView encoded);

/// What a look-up for one name finds in an encoded body, without taking the rest apart.
struct Found {
  std::optional<Entry> entry;
  std::optional<Child> child;  ///< look there
};
Result<Found> find_in_body(BytesView encoded, std::string_view name, std::uint8_t digit);

struct OpenedTop {
  Top top;
  SecretBuffer tree_key;
};
/// The top node's sealed bytes with their nonce: what follows the header in a root.
Bytes seal_top(const SecretBuffer& key, BytesView header, const Top& top, const SecretBuffer& tree_key);
Result<OpenedTop> open_top(const SecretBuffer& key, const RootParts& parts);

SealedBlob seal_node(const SecretBuffer& key, const VaultId& vault, std::uint32_t epoch, const Digits& digits,
                     const Body& body);
/// The encoded body of a node: digest, seal and padding checked. Errors: tampered.
Result<Bytes> open_node(const SecretBuffer& key, const VaultId& vault, const Pointer& pointer,
                        const Digits& digits, BytesView blob);

}  // namespace tokenvault::format
