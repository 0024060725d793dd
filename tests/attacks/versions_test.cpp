// A format version that is not ours: refused by whoever opens it, and nothing is written to it.
#include "attacks/judge.hpp"
#include "format/header.hpp"

namespace tokenvault::test {
namespace {

const Scene& scene() { return Scene::one(); }

Dump with_magic(std::size_t at, unsigned value) {
  auto dump = scene().now();
  dump.root[at] = static_cast<std::byte>(value);
  return dump;
}

TEST_CASE("downgrade or upgrade of the version") {
  Tally tally("downgrade of the version");
  for (const unsigned version : {0U, 2U, 255U}) {
    Ending ending;
    ending.fresh = ending.anchored = ending.following = Errc::unsupported;
    Judge(tally).pass(with_magic(7, version), ending);
  }
}

TEST_CASE("another magic") {
  Tally tally("another magic");
  Ending ending;
  ending.fresh = ending.anchored = ending.following = Errc::tampered;
  Judge(tally).pass(with_magic(0, 't'), ending);
}

TEST_CASE("all versions but ours") {
  Tally tally("all 65,535 other versions");
  auto dump = scene().now();
  for (unsigned version = 0; version < 65536; ++version) {
    if (version == 1) continue;
    dump.root[6] = static_cast<std::byte>(version >> 8);
    dump.root[7] = static_cast<std::byte>(version);
    tally.expect(ending_of(format::parse_root(dump.root)) == Errc::unsupported, std::to_string(version));
  }
}

}  // namespace
}  // namespace tokenvault::test
