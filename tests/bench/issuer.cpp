// authorize against one keyed hash and one prepared select; and whether time tells a wrong id from a wrong secret.
#include <sodium.h>
#include <sqlite3.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "bench/ratio.hpp"
#include "core/bytes.hpp"
#include "support/fake_clock.hpp"
#include "support/temp_dir.hpp"
#include "tokenvault/issuer.hpp"

namespace tokenvault::bench {
namespace {

constexpr int kRows = 100'000, kLive = 2'000, kCalls = 20'000, kSamples = 400'000;

void check(int code) {
  if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE) std::abort();
}

std::string digits(std::mt19937& random, std::size_t count) {
  std::string text(count, '0');
  for (auto& digit : text) digit = TokenFormat::kDigits[random() % 62];
  return text;
}

/// The field of a token that nobody issued, with this id.
std::string made_up(std::mt19937& random, const std::string& id) {
  const auto body = "org_" + id + digits(random, TokenFormat::kSecretSize);
  const auto seal = token_check(body);
  return "Bearer " + body + std::string(seal.data(), seal.size());
}

class Place {
 public:
  Place() {
    auto master = SecretBuffer::allocate(32).value();
    issuer_ = std::make_unique<Issuer>(Issuer::open(path_, "org", master, clock_).value());
    check(sqlite3_open(path_.c_str(), &raw_));
    fill();
  }
  ~Place() {
    sqlite3_finalize(select_);
    issuer_.reset();
    sqlite3_close(raw_);
  }

  /// Rows that nobody has a token for; their ids.
  void fill() {
    check(sqlite3_exec(raw_, "PRAGMA synchronous = OFF; BEGIN", nullptr, nullptr, nullptr));
    sqlite3_stmt* insert = nullptr;
    check(sqlite3_prepare_v2(
        raw_,
        "INSERT INTO issued (id, lineage, org, name, scopes, digest, created_at) VALUES (?1, ?1, "
        "'acme', 'deployment of the shop', 'points:read token:rotate', randomblob(32), 1)",
        -1, &insert, nullptr));
    for (int i = 0; i < kRows; ++i) {
      ids.push_back(digits(random, TokenFormat::kIdSize));
      check(sqlite3_bind_text(insert, 1, ids.back().c_str(), -1, SQLITE_STATIC));
      check(sqlite3_step(insert));
      check(sqlite3_reset(insert));
    }
    sqlite3_finalize(insert);
    check(sqlite3_exec(raw_, "COMMIT; PRAGMA synchronous = FULL", nullptr, nullptr, nullptr));
    for (int i = 0; i < kLive; ++i) {
      const auto issued =
          issuer_->issue({"acme", "deployment of the shop", "points:read token:rotate", std::nullopt})
              .value();
      fields.push_back("Bearer " + std::string(as_text(issued.token.expose())));
      authorize(fields.back());
    }
    check(sqlite3_prepare_v2(
        raw_, "SELECT digest, org, name, scopes, expires_at, revoked_at FROM issued WHERE id = ?1", -1,
        &select_, nullptr));
  }

  bool authorize(std::string_view field, std::string_view scope = "points:read") {
    const std::array all{field};
    return std::holds_alternative<Grant>(issuer_->authorize(all, scope).value());
  }

  /// What the least program would do for one token.
  bool hash_and_select(std::string_view field) {
    const auto token = field.substr(7), id = token.substr(4, TokenFormat::kIdSize);
    unsigned char digest[32];
    ::crypto_generichash(digest, sizeof digest, reinterpret_cast<const unsigned char*>(token.data()),
                         token.size(), key_.data(), key_.size());
    check(sqlite3_bind_text(select_, 1, id.data(), static_cast<int>(id.size()), SQLITE_STATIC));
    check(sqlite3_step(select_));
    const bool same = ::sodium_memcmp(digest, sqlite3_column_blob(select_, 0), sizeof digest) == 0;
    check(sqlite3_reset(select_));
    return same;
  }

  std::mt19937 random{6};
  std::vector<std::string> ids, fields;

 private:
  test::TempDir folder_;
  test::FakeClock clock_;
  std::string path_ = folder_ / "issued.db";
  std::array<unsigned char, 32> key_{};
  sqlite3* raw_ = nullptr;
  sqlite3_stmt* select_ = nullptr;
  std::unique_ptr<Issuer> issuer_;
};

void cost(Place& place) {
  std::size_t i = 0, j = 0;
  compare(
      fmt::format("authorize, one of {} tokens, against hash and select", kRows), 2.0, 21, kCalls,
      [&] {
        for (int n = 0; n < kCalls; ++n)
          if (!place.authorize(place.fields[i++ % kLive])) std::abort();
      },
      [&] {
        for (int n = 0; n < kCalls; ++n)
          if (place.hash_and_select(place.fields[j++ % kLive])) std::abort();
      });
}

struct Samples {
  std::vector<double> values;

  /// The slowest tenth is the machine's, not ours.
  void crop() {
    std::ranges::sort(values);
    values.resize(values.size() * 9 / 10);
  }
  [[nodiscard]] double mean() const {
    double sum = 0;
    for (const double value : values) sum += value;
    return sum / static_cast<double>(values.size());
  }
  /// Of the mean.
  [[nodiscard]] double variance() const {
    const double middle = mean();
    double sum = 0;
    for (const double value : values) sum += (value - middle) * (value - middle);
    return sum / static_cast<double>(values.size()) / static_cast<double>(values.size());
  }
};

/// Welch's t of two kinds of fields, in random turns.
void tell_apart(Place& place, const std::string& what, const std::vector<std::string>& one,
                const std::vector<std::string>& other, double bound) {
  Samples times[2];
  for (int n = 0; n < kSamples; ++n) {
    const auto kind = place.random() % 2;
    const auto& field = (kind == 0 ? one : other)[place.random() % one.size()];
    times[kind].values.push_back(seconds([&] { place.authorize(field); }) * 1e9);
  }
  for (auto& samples : times) samples.crop();
  const double apart = times[0].mean() - times[1].mean();
  const double t = apart / std::sqrt(times[0].variance() + times[1].variance());
  fmt::print("{:<58} {:>8.1f} ns, apart {:>6.2f} ns, t {:>6.2f}  (bound {:.1f}) {}\n", what, times[0].mean(),
             apart, t, bound, std::abs(t) <= bound ? "" : " OVER");
}

void timing(Place& place) {
  std::vector<std::string> wrong_secret, unknown_id, more;
  for (int i = 0; i < 10'000; ++i) {
    wrong_secret.push_back(made_up(place.random, place.ids[place.random() % place.ids.size()]));
    unknown_id.push_back(made_up(place.random, digits(place.random, TokenFormat::kIdSize)));
    more.push_back(made_up(place.random, digits(place.random, TokenFormat::kIdSize)));
  }
  tell_apart(place, "unknown id against another unknown id: the noise", more, unknown_id, 4.5);
  tell_apart(place, "unknown id against wrong secret", wrong_secret, unknown_id, 4.5);
  std::vector<std::string> good;
  for (std::size_t i = 0; i < wrong_secret.size(); ++i) good.push_back(place.fields[i % kLive]);
  tell_apart(place, "a good token against wrong secret: must be OVER", good, wrong_secret, 4.5);
}

}  // namespace
}  // namespace tokenvault::bench

int main() {
  tokenvault::bench::Place place;
  tokenvault::bench::cost(place);
  tokenvault::bench::timing(place);
  return 0;
}
