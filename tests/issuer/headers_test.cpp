// Mutated Authorization fields: none is accepted, whatever it is; the same ones each time.
#include <doctest/doctest.h>

#include <map>
#include <random>

#include "issuer_place.hpp"

using namespace tokenvault;
using namespace tokenvault::test;

namespace {

using Fields = std::vector<std::string>;

Decision decide(Issuer& issuer, const Fields& fields) {
  const std::vector<std::string_view> views(fields.begin(), fields.end());
  return issuer.authorize(views, {}).value();
}

/// One to three changes of the one good field.
class Mutator {
 public:
  explicit Mutator(std::string token) : token_(std::move(token)) {}

  Fields next() {
    std::string field = "Bearer " + token_;
    Fields fields;
    const auto changes = 1 + below(3);
    for (std::size_t i = 0; i < changes; ++i) change(field);
    fields.push_back(field);
    if (below(16) == 0) fields.push_back(below(2) == 0 ? field : "Bearer " + token_);
    return fields;
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }
  char any() { return static_cast<char>(below(256)); }
  char digit() { return TokenFormat::kDigits[below(62)]; }

  void change(std::string& field) {
    const auto at = field.empty() ? 0 : below(field.size());
    switch (below(9)) {
      case 0: field.insert(at, 1, any()); break;
      case 1: field.insert(at, 1, '\0'); break;
      case 2: field.resize(at); break;
      case 3: field.erase(0, at); break;
      case 4: field += below(2) == 0 ? " " : ", " + field; break;
      case 5: field.insert(at, std::string(below(5000), digit())); break;
      case 6:
        if (!field.empty()) field[at] = digit();
        break;
      case 7:
        if (!field.empty()) field[at] = static_cast<char>(field[at] ^ (1 << below(8)));
        break;
      default: reseal(field);
    }
  }

  /// A wrong secret, with the check that fits.
  void reseal(std::string& field) {
    if (field.size() < 71) return;
    const auto begin = field.size() - 65;
    field[begin + 4 + below(55)] = digit();
    const auto check = token_check(std::string_view(field).substr(begin, 59));
    field.replace(field.size() - 6, 6, check.data(), 6);
  }

  std::string token_;
  std::mt19937 random_{6};
};

}  // namespace

TEST_CASE("20,000 mutated fields are all refused, and only the right one is not") {
  TempDir folder;
  FakeClock clock;
  auto issuer = Issuer::open(folder / "issued.db", "org", master_key(), clock).value();
  const auto issued = issuer.issue({"acme", "ci", "", std::nullopt}).value();
  const std::string good = "Bearer " + std::string(text_of(issued));
  Mutator mutator{std::string(text_of(issued))};
  std::map<std::string_view, int> reasons;
  int accepted = 0, unchanged = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto fields = mutator.next();
    const auto decision = decide(issuer, fields);
    // A scheme in other capitals is no other field, and a change may be undone by the next.
    if (fields.size() == 1 && fields[0].size() == good.size() && fields[0].substr(6) == good.substr(6)) {
      ++unchanged;
      continue;
    }
    if (std::holds_alternative<Grant>(decision)) ++accepted;
    ++reasons[word(decision)];
  }
  CHECK(accepted == 0);
  CHECK(unchanged < 1'500);
  for (const char* reason : {"missing", "ambiguous", "malformed", "unknown"}) CHECK(reasons[reason] > 100);
  CHECK(std::holds_alternative<Grant>(decide(issuer, {good})));
}
