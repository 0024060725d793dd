// Published vectors as take.py writes them, and the count of what was tried with them.
#pragma once
#include <doctest/doctest.h>

#include <cstdint>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "core/hex.hpp"
#include "support/proof.hpp"
#include "tokenvault/store.hpp"

namespace tokenvault::test {

inline Bytes hex(std::string_view text) {
  Bytes bytes(text.size() / 2);
  REQUIRE(from_hex(text, bytes));
  return bytes;
}

class Vector {
 public:
  explicit Vector(std::map<std::string, std::string, std::less<>> fields) : fields_(std::move(fields)) {}

  [[nodiscard]] const std::string& text(std::string_view field) const {
    const auto found = fields_.find(field);
    REQUIRE(found != fields_.end());
    return found->second;
  }
  [[nodiscard]] Bytes bytes(std::string_view field) const { return hex(text(field)); }
  [[nodiscard]] std::uint32_t number(std::string_view field) const {
    return static_cast<std::uint32_t>(std::stoul(text(field)));
  }
  [[nodiscard]] bool valid() const { return text("result") == "valid"; }

 private:
  std::map<std::string, std::string, std::less<>> fields_;
};

/// All of a file, which must hold as many as its test knows it to: one that was cut short would still pass.
inline std::vector<Vector> vectors(const std::string& name, std::size_t expected) {
  std::ifstream file(TOKENVAULT_PRIMITIVES "/" + name + ".vec");
  std::vector<std::string> fields;
  std::vector<Vector> found;
  for (std::string line, word; std::getline(file, line);) {
    std::istringstream words(line);
    if (line.starts_with('#')) {
      words >> word >> word;
      while (word == "fields:" && words >> line) fields.push_back(line);
      continue;
    }
    std::map<std::string, std::string, std::less<>> made;
    for (const auto& field : fields) {
      words >> word;
      made[field] = word == "-" ? "" : word;
    }
    found.emplace_back(std::move(made));
  }
  REQUIRE(found.size() == expected);
  return found;
}

/// 00 01 02 ….
inline Bytes counting(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i);
  return bytes;
}

/// Counts for docs/proof.md, and says of the first few that failed what they were.
class Count {
 public:
  explicit Count(std::string_view what) : what_(what) {}
  ~Count() {
    tried(what_, tries_, failures_);
    CHECK(failures_ == 0);
    CHECK(tries_ > 0);
  }
  Count(const Count&) = delete;
  Count& operator=(const Count&) = delete;

  void add(bool good, const std::string& label) {
    ++tries_;
    if (good) return;
    constexpr std::uint64_t kShown = 5;
    if (++failures_ <= kShown) MESSAGE(what_ << ": " << label);
  }

 private:
  std::string_view what_;
  std::uint64_t tries_ = 0, failures_ = 0;
};

}  // namespace tokenvault::test
