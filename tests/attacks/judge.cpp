#include "attacks/judge.hpp"

#include <fstream>
#include <iterator>

namespace tokenvault::test {
namespace {

std::string text_in(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The tokens whose entry is below a blob that was hit.
std::set<std::string> names_below(const Scene& scene, const std::set<BlobId>& hit) {
  std::set<std::string> names;
  for (const auto& id : hit)
    if (const auto node = scene.nodes().find(id); node != scene.nodes().end())
      names.insert(node->second.begin(), node->second.end());
  return names;
}

}  // namespace

void Judge::expect(Errc got, Errc wanted, const std::string& what) {
  if (got == wanted) return tally_.expect(true, "");
  tally_.expect(false, where_ + what + " ends in " + said(got) + ", not in " + said(wanted));
}

/// As expect(), and an error gives no value away.
template <typename T>
void Judge::ends(const Result<T>& result, Errc wanted, const std::string& what) {
  expect(ending_of(result), wanted, what);
  if (result) return;
  const auto& message = result.error().message();
  for (const auto& [name, versions] : scene_.values())
    for (const auto& [number, value] : versions)
      if (message.find(value) != std::string::npos) tally_.expect(false, where_ + what + " shows a value");
}

Result<Vault> Judge::open(Medium& medium, const VaultOptions& options) const {
  auto store = medium.open();
  if (!store) return store.error();
  return Vault::open(*std::move(store), key_(), options);
}

void Judge::pass(const Dump& attacked, const Ending& ending, const std::function<KeySource()>& key) {
  key_ = key;
  for (const auto name : media()) {
    where_ = std::string(name) + ": ";
    const auto medium = make_medium(name);
    medium->plant(scene_.now());
    control(*medium);
    std::optional<Vault> open_before;
    if (medium->live()) {
      auto vault = open(*medium, scene_.options());
      REQUIRE(vault);
      open_before.emplace(*std::move(vault));
    }
    medium->plant(attacked);
    const auto planted = medium->seen();
    anchored(*medium, ending);
    fresh(*medium, ending);
    tally_.expect(medium->seen() == planted, where_ + "something was written");
    if (open_before) following(*medium, *open_before, ending);
  }
}

/// What was not attacked opens, and every value is there.
void Judge::control(Medium& medium) {
  auto vault = open(medium, scene_.options());
  REQUIRE_MESSAGE(vault, (vault ? "" : vault.error().message()));
  contents(*vault, {}, false);
}

void Judge::fresh(Medium& medium, const Ending& ending) {
  auto vault = open(medium, scene_.options());
  ends(vault, ending.fresh, "open");
  if (!vault) return refused_everywhere(medium, ending.fresh);
  contents(*vault, ending.hit, false);
  ends(vault->check_key(key_()), ending.key_check, "check_key");
}

/// The other ways in, for a vault that does not open.
void Judge::refused_everywhere(Medium& medium, Errc code) {
  if (code == Errc{}) return;
  const auto empty = std::shared_ptr<Store>(*open_memory_store());
  if (auto store = medium.open()) {
    ends(Vault::restore(view(empty), *std::move(store), key_(), {}, scene_.options()), code,
         "restore from it");
    expect(*empty->revision() == Revision::absent ? Errc{} : Errc::internal, Errc{}, "what was restored");
  }
  if (auto store = medium.open())
    ends(Vault::restore(*std::move(store), scene_.now().store(), key_(), {.slots = {}, .replace = true},
                        scene_.options()),
         code, "restore over it");
  if (auto store = medium.open())
    ends(Vault::accept_stale(*std::move(store), key_(), {}, scene_.options()), code, "accept_stale");
  if (auto store = medium.open(); store && (*store)->capabilities().writable)
    ends(Vault::create(*std::move(store), key_(), scene_.options()), Errc::already_exists, "create");
}

void Judge::anchored(Medium& medium, const Ending& ending) {
  const TempDir folder;
  auto options = scene_.options();
  options.anchors = folder / "anchors";
  std::ofstream(options.anchors) << scene_.anchors().back();
  auto vault = open(medium, options);
  ends(vault, ending.anchored, "open with an anchor");
  if (vault) values(*vault, ending.hit, false);
  tally_.expect(text_in(options.anchors) == scene_.anchors().back(), where_ + "the anchor was moved");
}

void Judge::following(Medium& medium, Vault& vault, const Ending& ending) {
  const auto planted = medium.seen();
  if (ending.following == Errc{}) {
    contents(vault, ending.hit, true);
  } else {
    for (const auto& verb : all_verbs())
      ends(verb.run(vault), ending.following, std::string("an open vault: ") + verb.name);
  }
  tally_.expect(medium.seen() == planted, where_ + "an open vault wrote something");
}

void Judge::contents(Vault& vault, const std::set<BlobId>& hit, bool remembers) {
  values(vault, hit, remembers);
  whole(vault, hit);
  writes(vault, hit);
}

/// Each version of each token: right, or tampered where its record or the way to it was hit. A vault that was
/// open may have kept the record, sealed.
void Judge::values(Vault& vault, const std::set<BlobId>& hit, bool remembers) {
  const auto lost = names_below(scene_, hit);
  for (const auto& [id, version] : scene_.records()) {
    if (!scene_.current().contains(version.name)) continue;
    const bool gone = hit.contains(id) || lost.contains(version.name);
    const auto value = vault.get(version.name, {.number = version.number});
    if (value && !(gone && !remembers)) {
      const bool right = text_of(*value) == scene_.values().at(version.name).at(version.number);
      tally_.expect(right, where_ + version.name + " has a wrong value");
    } else {
      ends(value, gone ? Errc::tampered : Errc{}, "get of " + version.name);
    }
  }
  for (const auto& [name, number] : scene_.current()) {
    const bool gone = hit.contains(scene_.record(name)) || lost.contains(name);
    const auto token = vault.token(name);
    if (!token) {
      ends(token, gone ? Errc::tampered : Errc{}, "token of " + name);
    } else {
      const bool right = token->version == number && text_of(token->value) == scene_.value(name);
      tally_.expect(right && (!gone || remembers), where_ + name + " has a wrong current value");
    }
  }
}

/// What looks at everything.
void Judge::whole(Vault& vault, const std::set<BlobId>& hit) {
  const bool index = !names_below(scene_, hit).empty();
  const auto broken = index ? Errc::tampered : Errc{};
  const auto list = vault.list();
  ends(list, broken, "list");
  if (list) tally_.expect(list->size() == scene_.current().size(), where_ + "the list is not what it was");
  const auto report = vault.verify();
  ends(report, Errc{}, "verify");
  if (report) {
    tally_.expect(report->faults.empty() == hit.empty(), where_ + "verify finds what is there");
    for (const auto& fault : report->faults) expect(fault.code, Errc::tampered, fault.what);
  }
  const auto target = *open_memory_store();
  ends(vault.backup_to(*target), hit.empty() ? Errc{} : Errc::tampered, "backup_to");
  tally_.expect((*target->revision() == Revision::absent) == !hit.empty(),
                where_ + "a copy of what is broken");
  const auto other = *open_memory_store();
  ends(vault.migrate_to(*other), hit.empty() ? Errc{} : Errc::tampered, "migrate_to");
}

/// Nothing is written on top of an index that was hit. A record that was hit stops nobody from putting a new
/// value, but is never taken up again.
void Judge::writes(Vault& vault, const std::set<BlobId>& hit) {
  const auto info = vault.info();
  ends(info, Errc{}, "info");
  if (!info || !info->capabilities.writable) return;
  for (const auto& name : names_below(scene_, hit))
    for (const auto& verb : verbs_on(name)) {
      if (std::string_view(verb.name).starts_with("get") || verb.name == std::string_view("token")) continue;
      if (verb.writes) ends(verb.run(vault), Errc::tampered, std::string(verb.name) + " on " + name);
    }
  for (const auto& id : hit)
    if (const auto record = scene_.records().find(id);
        record != scene_.records().end() && record->second.name != scene_.staged())
      ends(vault.rollback(record->second.name, record->second.number), Errc::tampered, "rollback");
}

}  // namespace tokenvault::test
