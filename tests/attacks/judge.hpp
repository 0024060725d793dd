#pragma once
#include <functional>
#include <set>

#include "attacks/medium.hpp"
#include "attacks/scene.hpp"
#include "attacks/tally.hpp"

namespace tokenvault::test {

/// What the documents say comes of an attack. Errc{}: it opens, and gives nothing but what is right.
struct Ending {
  Errc fresh{};            ///< to whoever opens it and never saw it before
  Errc anchored{};         ///< to a machine with an anchor
  Errc following{};        ///< to every call on a vault that was open before
  std::set<BlobId> hit{};  ///< where it opens: the blobs that are not what they were
  Errc key_check{};        ///< check_key() of a fresh vault's own key, where `fresh` is success
};

/// What can be asked of an open vault, by name.
struct Verb {
  const char* name;
  std::function<Status(Vault&)> run;
  bool writes = false;
};
const std::vector<Verb>& all_verbs();
/// Those that go through the entry of `name`.
std::vector<Verb> verbs_on(const std::string& name);

/// Does an attack on every medium and holds every entry point to its ending: a call that fails shows no value
/// and writes nothing, neither to the medium nor to the anchors file.
class Judge {
 public:
  explicit Judge(Tally& tally, const Scene& scene = Scene::one()) : tally_(tally), scene_(scene) {}

  /// `key` is what opens the vault of whoever is attacked.
  void pass(const Dump& attacked, const Ending& ending, const std::function<KeySource()>& key = Scene::key);

 private:
  struct Victim;
  void on_medium(const Dump& attacked, const Ending& ending);
  void control(Medium& medium);
  void fresh(Medium& medium, const Ending& ending);
  void refused_everywhere(Medium& medium, Errc code);
  void anchored(Medium& medium, const Ending& ending);
  void following(Medium& medium, Vault& vault, const Ending& ending);
  void contents(Vault& vault, const std::set<BlobId>& hit, bool remembers);
  void values(Vault& vault, const std::set<BlobId>& hit, bool remembers);
  void whole(Vault& vault, const std::set<BlobId>& hit);
  void writes(Vault& vault, const std::set<BlobId>& hit);
  Result<Vault> open(Medium& medium, const VaultOptions& options) const;
  void expect(Errc got, Errc wanted, const std::string& what);
  template <typename T>
  void ends(const Result<T>& result, Errc wanted, const std::string& what);

  Tally& tally_;
  const Scene& scene_;
  std::function<KeySource()> key_;
  std::string where_;
};

}  // namespace tokenvault::test
