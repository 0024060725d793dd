#pragma once
#include "support/temp_dir.hpp"
#include "support/vault_fixture.hpp"

namespace tokenvault::test {

/// How far a move or a restore goes ahead.
inline constexpr std::uint64_t kLeap = std::uint64_t{1} << 32;

/// A vault with nodes, versions, an erased and a destroyed token, and an anchors file.
struct Filled : VaultFixture {
  Filled() {
    auto vault = create();
    for (int i = 0; i < 60; ++i) put(vault, "t/" + std::to_string(i), "v" + std::to_string(i));
    put(vault, "twice", "first");
    put(vault, "twice", "second", {.label = "a remark"});
    put(vault, "erased", "e");
    put(vault, "destroyed", "d");
    REQUIRE(vault.erase("erased"));
    REQUIRE(vault.destroy("destroyed"));
  }

  [[nodiscard]] VaultOptions anchored() const {
    auto chosen = options();
    chosen.anchors = folder / "anchors";
    return chosen;
  }
  /// Opens as a machine that remembers.
  [[nodiscard]] Result<Vault> open_anchored(const std::shared_ptr<Store>& where,
                                            const KeySource& key = raw_key()) const {
    return Vault::open(tokenvault::test::view(where), key, anchored());
  }
  /// A write by that machine, so that the anchor moves.
  void advance(std::string_view name = "marker", std::string_view value = "seen") const {
    auto vault = open_anchored(store);
    REQUIRE(vault);
    put(*vault, name, value);
  }
  [[nodiscard]] std::shared_ptr<Store> backup() const {
    auto copy = empty_store();
    REQUIRE(open().backup_to(*copy));
    return copy;
  }

  TempDir folder;
};

inline void check_contents(const Vault& vault) {
  const auto report = vault.verify();
  REQUIRE(report);
  CHECK(report->faults.empty());
  CHECK(report->orphans == 0);
  CHECK(vault.list("t/")->size() == 60);
  CHECK(text_of(vault.get("t/33")) == "v33");
  CHECK(text_of(vault.get("twice")) == "second");
  CHECK(text_of(vault.get("twice", {.number = 1})) == "first");
  CHECK(vault.info("twice")->label == "a remark");
  CHECK(code_of(vault.get("erased")) == Errc::not_found);
}

}  // namespace tokenvault::test
