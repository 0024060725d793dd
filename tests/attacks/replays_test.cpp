// Whole copies of the past: what shows them, and what does not.
#include <fstream>

#include "attacks/judge.hpp"
#include "support/forger.hpp"

namespace tokenvault::test {
namespace {

const Scene& scene() { return Scene::one(); }

Result<Vault> open_with(const Dump& dump, const std::string& anchors, const KeySource& key = Scene::key()) {
  const TempDir folder;
  auto options = scene().options();
  options.anchors = folder / "anchors";
  std::ofstream(options.anchors) << anchors;
  return Vault::open(std::make_unique<LooseStore>(std::make_shared<Cell>(Cell{dump, 1})), key, options);
}

TEST_CASE("replay a whole old vault: stale to an anchor and to who has it open") {
  Tally tally("a whole old vault");
  for (std::size_t i = 1; i + 1 < scene().history().size(); ++i) {
    const auto& old = scene().history()[i];
    for (const auto name : media()) {
      const auto medium = make_medium(name);
      medium->plant(scene().now());
      std::optional<Vault> before;
      if (medium->live()) before.emplace(*Vault::open(*medium->open(), Scene::key(), scene().options()));
      medium->plant(old);
      const auto planted = medium->seen();
      const TempDir folder;
      auto options = scene().options();
      options.anchors = folder / "anchors";
      std::ofstream(options.anchors) << scene().anchors().back();
      tally.expect(ending_of(Vault::open(*medium->open(), Scene::key(), options)) == Errc::stale, "open");
      if (before)
        for (const auto& verb : all_verbs())
          tally.expect(ending_of(verb.run(*before)) == Errc::stale,
                       std::string("an open vault: ") + verb.name);
      tally.expect(medium->seen() == planted, "something was written");
    }
  }
}

TEST_CASE("every old vault against every later anchor") {
  Tally tally("every old vault against every later anchor");
  const auto& history = scene().history();
  for (std::size_t seen = 0; seen < history.size(); ++seen)
    for (std::size_t shown = 0; shown < history.size(); ++shown) {
      const auto opened = open_with(history[shown], scene().anchors()[seen]);
      const auto wanted = shown < seen ? Errc::stale : Errc{};
      tally.expect(ending_of(opened) == wanted, std::to_string(shown) + " after " + std::to_string(seen));
    }
}

TEST_CASE("not promised: without an anchor every old vault opens, with the values of its time") {
  Tally tally("limit: a whole old vault and no anchor");
  for (std::size_t i = 1; i < scene().history().size(); ++i) {
    const auto vault = open_with(scene().history()[i], "");
    REQUIRE(vault);
    const auto value = vault->get(scene().aged());
    const auto info = vault->info(scene().aged());
    REQUIRE(info);
    tally.expect(text_of(value) == scene().values().at(scene().aged()).at(info->version), "an old value");
  }
}

TEST_CASE("a fork: two lines from one copy, each stale to who saw the other") {
  Tally tally("a fork of the same generation");
  struct Line {
    std::shared_ptr<Store> store = std::shared_ptr<Store>(scene().now().store());
    TempDir folder;
    [[nodiscard]] Result<Vault> open(const std::shared_ptr<Store>& where) const {
      auto options = scene().options();
      options.anchors = folder / "anchors";
      return Vault::open(view(where), Scene::key(), options);
    }
  };
  const Line mine, theirs;
  for (const auto* line : {&mine, &theirs}) {
    auto vault = line->open(line->store);
    REQUIRE(vault);
    put(*vault, scene().aged(), "written on one line");
  }
  tally.expect(ending_of(mine.open(theirs.store)) == Errc::stale, "theirs to me");
  tally.expect(ending_of(theirs.open(mine.store)) == Errc::stale, "mine to them");
  tally.expect(ending_of(mine.open(mine.store)) == Errc{}, "mine to me");
  // Not promised: two clients that are shown one line each find out nothing until their anchors meet.
  tally.expect(ending_of(theirs.open(theirs.store)) == Errc{}, "theirs to them");
}

TEST_CASE("another vault of the same key in this one's place") {
  Tally tally("another vault in its place");
  const std::shared_ptr<Store> store = *open_memory_store();
  auto foreign = Vault::create(view(store), Scene::key(), scene().options());
  REQUIRE(foreign);
  put(*foreign, scene().aged(), "of another vault");
  const auto theirs = Dump::of(*store);
  for (const auto name : media()) {
    const auto medium = make_medium(name);
    if (!medium->live()) continue;
    medium->plant(scene().now());
    auto vault = Vault::open(*medium->open(), Scene::key(), scene().options());
    REQUIRE(vault);
    medium->plant(theirs);
    const auto planted = medium->seen();
    for (const auto& verb : all_verbs())
      tally.expect(ending_of(verb.run(*vault)) == Errc::stale, std::string("an open vault: ") + verb.name);
    tally.expect(medium->seen() == planted, "something was written");
  }
}

TEST_CASE("take the root away: the blobs that are left are no place for a new vault") {
  Tally tally("take the root away");
  for (const auto name : media()) {
    const auto medium = make_medium(name);
    medium->plant(scene().now());
    if (!medium->live()) continue;
    auto before = Vault::open(*medium->open(), Scene::key(), scene().options());
    REQUIRE(before);
    if (!medium->drop_root()) continue;
    const auto planted = medium->seen();
    const auto expect = [&](Errc got, Errc wanted, const std::string& what) {
      tally.expect(got == wanted, std::string(name) + ": " + what + " ends in " + said(got));
    };
    expect(ending_of(Vault::open(*medium->open(), Scene::key(), scene().options())), Errc::no_vault, "open");
    expect(ending_of(Vault::create(*medium->open(), Scene::key(), scene().options())), Errc::tampered,
           "create");
    expect(ending_of(
               Vault::restore(*medium->open(), scene().now().store(), Scene::key(), {}, scene().options())),
           Errc::tampered, "restore");
    for (const auto& verb : all_verbs()) expect(ending_of(verb.run(*before)), Errc::no_vault, verb.name);
    tally.expect(medium->seen() == planted, "something was written");
  }
}

TEST_CASE("a vault that went back is taken up again by nobody but who says so") {
  Tally tally("an old vault accepted on purpose");
  const auto cell = std::make_shared<Cell>(Cell{scene().history()[3], 1});
  const TempDir folder;
  auto options = scene().options();
  options.anchors = folder / "anchors";
  std::ofstream(options.anchors) << scene().anchors().back();
  const auto open = [&] { return Vault::open(std::make_unique<LooseStore>(cell), Scene::key(), options); };
  tally.expect(ending_of(open()) == Errc::stale, "open");
  // The anchor knows a later epoch: a slot of the old one has to be carried over or dropped by name.
  const auto without = Vault::accept_stale(std::make_unique<LooseStore>(cell), Scene::key(), {}, options);
  tally.expect(ending_of(without) == Errc::refused, "a slot of who has left since would be back");
  const RestoreOptions drop{.slots = {.keep = {}, .drop = {scene().former_slot()}}, .replace = false};
  tally.expect(ending_of(Vault::accept_stale(std::make_unique<LooseStore>(cell), Scene::key(), drop,
                                             options)) == Errc{},
               "accept_stale");
  tally.expect(ending_of(open()) == Errc{}, "open again");
  tally.expect(ending_of(open_with(cell->dump, "", Scene::former_key())) == Errc::wrong_key, "who has left");
}

}  // namespace
}  // namespace tokenvault::test
