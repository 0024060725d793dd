#include <doctest/doctest.h>

#include "tokenvault/time_text.hpp"

namespace tokenvault::test {
namespace {

constexpr Time kMoment{std::chrono::seconds(1'796'083'200)};  // 2026-12-01T00:00:00Z

TEST_CASE("a time is written and read by RFC 3339") {
  CHECK(to_rfc3339(kMoment) == "2026-12-01T00:00:00Z");
  CHECK(to_rfc3339(Time{}) == "1970-01-01T00:00:00Z");
  for (const auto* text :
       {"2026-12-01T00:00:00Z", "2026-12-01t00:00:00z", "2026-12-01 00:00:00Z", "2026-12-01T00:00:00.999Z",
        "2026-12-01T05:30:00+05:30", "2026-11-30T16:00:00-08:00"}) {
    CAPTURE(text);
    CHECK(parse_rfc3339(text) == kMoment);
  }
  CHECK(parse_rfc3339("2026-11-30T23:59:60Z") == kMoment);  // a leap second
  CHECK(parse_rfc3339("2024-02-29T00:00:00Z"));
}

TEST_CASE("what is not RFC 3339 is no time") {
  for (const auto* text :
       {"", "2026-12-01", "2026-12-01T00:00:00", "2026-12-01T00:00Z", "2026-13-01T00:00:00Z",
        "2026-02-29T00:00:00Z", "2026-12-01T24:00:00Z", "2026-12-01T00:60:00Z", "2026-12-01T00:00:61Z",
        "2026-12-01T00:00:00.Z", "2026-12-01T00:00:00+24:00", "2026-12-01T00:00:00+0530",
        "2026-12-01T00:00:00Zx", " 2026-12-01T00:00:00Z", "+026-12-01T00:00:00Z", "1796083200"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rfc3339(text));
  }
}

}  // namespace
}  // namespace tokenvault::test
