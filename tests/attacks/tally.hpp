#pragma once
#include <doctest/doctest.h>

#include <string>

#include "support/proof.hpp"
#include "support/vault_fixture.hpp"

namespace tokenvault::test {

/// Counts the tries of one attack, and says at its end how many there were and how many got through.
class Tally {
 public:
  explicit Tally(std::string what) : what_(std::move(what)) {}
  ~Tally() { tried("attack: " + what_, tries_, failures_); }
  Tally(const Tally&) = delete;
  Tally& operator=(const Tally&) = delete;

  /// doctest is asked about what failed alone: some loops here go round a million times.
  void expect(bool good, const std::string& what) {
    ++tries_;
    if (good) return;
    ++failures_;
    if (failures_ <= kShown) CHECK_MESSAGE(good, what);
  }
  void expect(bool good, const char* what) {
    if (good) {
      ++tries_;
    } else {
      expect(good, std::string(what));
    }
  }
  [[nodiscard]] std::uint64_t tries() const { return tries_; }

 private:
  static constexpr std::uint64_t kShown = 20;
  std::string what_;
  std::uint64_t tries_ = 0, failures_ = 0;
};

/// Errc{} for success.
template <typename T>
Errc ending_of(const Result<T>& result) {
  return result ? Errc{} : result.error().code();
}

inline std::string said(Errc code) { return code == Errc{} ? "success" : std::string(to_string(code)); }

}  // namespace tokenvault::test
