#include "needles.hpp"

#include <unistd.h>

#include <array>

#include "refusal.hpp"

namespace tokenvault::seeker {
namespace {

std::string all_of(int fd) {
  std::string text;
  std::array<char, 65536> part{};
  for (ssize_t got = 0; (got = ::read(fd, part.data(), part.size())) != 0;) {
    if (got < 0) refuse("read the needles");
    text.append(part.data(), static_cast<std::size_t>(got));
  }
  return text;
}

std::string bytes_of(const std::string& hex) {
  std::string bytes;
  for (std::size_t at = 0; at + 1 < hex.size(); at += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(at, 2), nullptr, 16));
  return bytes;
}

}  // namespace

Needles Needles::read(int fd) {
  Needles needles;
  const std::string text = all_of(fd);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t blank = text.find(' ', at);
    const std::size_t end = text.find('\n', at);
    if (blank == std::string::npos || end == std::string::npos || blank > end)
      refuse("understand the needles");
    const std::string bytes = bytes_of(text.substr(at, blank - at));
    const std::string label = text.substr(blank + 1, end - blank - 1);
    if (label == "plant")
      needles.plant_ = bytes;
    else
      needles.add(bytes, label);
    at = end + 1;
  }
  if (needles.count_ == 0) refuse("look for nothing");
  return needles;
}

void Needles::add(const std::string& bytes, const std::string& label) {
  if (bytes.size() < kLeast || bytes.size() > kMost) refuse("look for a piece of such a size");
  const std::uint64_t value = head(reinterpret_cast<const unsigned char*>(bytes.data()));
  const std::size_t bit = slot(value);
  seen_[bit / 64] |= std::uint64_t{1} << (bit % 64);
  rests_[value].push_back({bytes.substr(kLeast), index_of(label)});
  ++count_;
}

std::uint32_t Needles::index_of(const std::string& label) {
  const auto [at, is_new] = indices_.try_emplace(label, static_cast<std::uint32_t>(labels_.size()));
  if (is_new) labels_.push_back(label);
  return at->second;
}

}  // namespace tokenvault::seeker
