#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace tokenvault::seeker {

using View = std::span<const unsigned char>;

/// The pieces of secrets that are looked for, each with a label that tells of what secret and in which form.
class Needles {
 public:
  static constexpr std::size_t kLeast = 8;
  static constexpr std::size_t kMost = 64;

  /// Lines of `HEX LABEL`, to the end of the descriptor. What is labelled `plant` is not looked for.
  static Needles read(int fd);

  /// Calls `hit(label, offset)` for each piece at each place.
  template <typename F>
  void find(View data, F&& hit) const;

  [[nodiscard]] const std::string& label(std::uint32_t index) const { return labels_[index]; }
  [[nodiscard]] const std::string& plant() const { return plant_; }
  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  struct Rest {
    std::string bytes;  // after the first eight
    std::uint32_t label;
  };
  static constexpr int kBits = 21;

  static std::uint64_t head(const unsigned char* at) {
    std::uint64_t value = 0;
    __builtin_memcpy(&value, at, sizeof value);
    return value;
  }
  static std::size_t slot(std::uint64_t value) { return (value * 0x9E3779B97F4A7C15U) >> (64 - kBits); }
  void add(const std::string& bytes, const std::string& label);
  std::uint32_t index_of(const std::string& label);

  std::vector<std::uint64_t> seen_ = std::vector<std::uint64_t>((std::size_t{1} << kBits) / 64);
  std::unordered_map<std::uint64_t, std::vector<Rest>> rests_;
  std::vector<std::string> labels_;
  std::unordered_map<std::string, std::uint32_t> indices_;
  std::string plant_;
  std::size_t count_ = 0;
};

template <typename F>
void Needles::find(View data, F&& hit) const {
  for (std::size_t at = 0; at + kLeast <= data.size(); ++at) {
    const std::uint64_t value = head(data.data() + at);
    const std::size_t bit = slot(value);
    if ((seen_[bit / 64] >> (bit % 64) & 1) == 0) continue;
    const auto found = rests_.find(value);
    if (found == rests_.end()) continue;
    const View after = data.subspan(at + kLeast);
    for (const Rest& rest : found->second) {
      const bool same = rest.bytes.size() <= after.size() &&
                        __builtin_memcmp(rest.bytes.data(), after.data(), rest.bytes.size()) == 0;
      if (same) hit(rest.label, at);
    }
  }
}

}  // namespace tokenvault::seeker
