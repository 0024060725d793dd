#include "attacks/scene.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "support/forger.hpp"
#include "support/shared_store.hpp"
#include "tokenvault/human_provider.hpp"
#include "tokenvault/rotation.hpp"

namespace tokenvault::test {
namespace {

constexpr std::size_t kBelowFirst = 14, kBelowOther = 3, kSecondDigits = 7;

/// So long that fourteen entries do not fit into one leaf, and not even some tens into the root.
const std::string kLabel(255, 'l');

}  // namespace

const Scene& Scene::one() {
  static const Scene scene;
  return scene;
}

Scene::Scene() : recipient_(*make_key_pair()) {
  live();
  look();
}

VaultOptions Scene::options() const {
  VaultOptions chosen;
  chosen.clock = &clock_;
  return chosen;
}

KeySource Scene::recipient_key() const {
  return *KeySource::identity(secret(text_of(recipient_.private_key)));
}

void Scene::live() {
  auto anchored = options();
  anchored.anchors = folder_ / "anchors";
  auto vault = Vault::create(std::make_unique<SharedStore>(store_), key(), anchored);
  REQUIRE(vault);
  note();
  name_tokens();
  fill(*vault);
  const auto former = vault->add_key(former_key(), "who leaves");
  REQUIRE(former);
  former_slot_ = *former;
  note();
  for (const char* value : {"second", "third"}) put_value(*vault, aged(), value);
  REQUIRE(vault->remove_key(former_slot_));
  note();
  REQUIRE(vault->rotate_master());
  second_epoch_ = history_.size();
  note();
  REQUIRE(vault->add_recipient(recipient_.public_key, "by a public key"));
  note();
  put_value(*vault, aged(), "fourth");
  for (std::size_t digit = 7; digit < 16; ++digit)
    put_value(*vault, token(digit, 0), fmt::format("renewed value {}", digit));
  put_value(*vault, token(0, 0), "of the second epoch");
  stage(*vault);
  REQUIRE(vault->erase(erased()));
  note();
}

/// Names by their paths, which nobody can choose who has not got the tree key.
void Scene::name_tokens() {
  const Forger insider(Dump::of(*store_), key());
  std::size_t missing = 15 * kBelowOther + kBelowFirst;
  std::array<std::size_t, 16> second{};
  for (int i = 0; missing > 0; ++i) {
    const auto name = fmt::format("team/token-{:06}", i);
    const format::Path path(insider.state().tree_key, name);
    auto& names = names_[path.digit(0)];
    if (path.digit(0) == 0 &&
        (path.digit(1) >= kSecondDigits || second[path.digit(1)] == kBelowFirst / kSecondDigits))
      continue;
    if (names.size() == (path.digit(0) == 0 ? kBelowFirst : kBelowOther)) continue;
    if (path.digit(0) == 0) ++second[path.digit(1)];
    names.push_back(name);
    --missing;
  }
}

void Scene::fill(Vault& vault) {
  std::vector<std::string> all;
  for (const auto& names : names_) std::ranges::copy(names, std::back_inserter(all));
  auto next = all.begin();
  REQUIRE(vault.put_all([&]() -> Result<std::optional<NewToken>> {
    if (next == all.end()) return std::optional<NewToken>();
    const auto& name = *next++;
    values_[name][1] = "value of " + name;
    current_[name] = 1;
    return std::optional(NewToken{name, secret(values_[name][1]), std::nullopt, kLabel});
  }));
  note();
}

void Scene::put_value(Vault& vault, const std::string& name, const std::string& value) {
  const auto number = put(vault, name, value);
  values_[name][number] = value;
  current_[name] = number;
  note();
}

void Scene::stage(Vault& vault) {
  Policy policy;
  policy.provider = "human";
  REQUIRE(vault.set_policy(staged(), policy));
  note();
  const auto person = open_human_provider();
  REQUIRE(person);
  Rotator rotator(vault, staged(), **person);
  REQUIRE(rotator.stage(secret("not to be used yet")));
  values_[staged()][2] = "not to be used yet";
  note();
}

void Scene::note() {
  history_.push_back(Dump::of(*store_));
  std::ifstream file(folder_ / "anchors");
  anchors_.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

/// Each token's way down is walked, and each step noted.
void Scene::look() {
  Forger insider(now(), key());
  const auto store = now().store();
  NodeReader reader(*store, insider.state());
  for (const auto& [name, versions] : values_) {
    const format::Path path(insider.state().tree_key, name);
    auto body = insider.state().top.body;
    for (format::Digits digits; body.branch;) {
      const auto digit = path.digit(digits.depth);
      const auto pointer = body.children[digit]->pointer;
      digits = digits.down(digit);
      nodes_[pointer.id].push_back(name);
      const auto encoded = reader.node(pointer, digits);
      REQUIRE(encoded);
      body = *format::decode_body(*encoded);
    }
    const auto entry = std::ranges::find(body.entries, name, &format::Entry::name);
    REQUIRE(entry != body.entries.end());
    for (const auto& version : entry->versions) records_[version.record.id] = {name, version.number};
  }
  current_.erase(erased());
  REQUIRE(nodes_.size() == 16 + kSecondDigits);
  REQUIRE(nodes_.size() + records_.size() == now().blobs.size());
}

const BlobId& Scene::record(const std::string& name, std::uint32_t version) const {
  const auto wanted = version != 0 ? version : current_.at(name);
  const auto found = std::ranges::find_if(records_, [&](const auto& record) {
    return record.second.name == name && record.second.number == wanted;
  });
  REQUIRE(found != records_.end());
  return found->first;
}

const BlobId& Scene::leaf(const std::string& name) const {
  const BlobId* smallest = nullptr;
  std::size_t names = ~std::size_t{0};
  for (const auto& [id, below] : nodes_)
    if (std::ranges::count(below, name) != 0 && below.size() < names) {
      smallest = &id;
      names = below.size();
    }
  REQUIRE(smallest != nullptr);
  return *smallest;
}

}  // namespace tokenvault::test
