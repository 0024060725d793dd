#include "attacks/judge.hpp"
#include "tokenvault/lease.hpp"

namespace tokenvault::test {
namespace {

template <typename T>
Status went(const Result<T>& result) {
  if (!result) return result.error();
  return Ok{};
}

Status import_one(Vault& vault) {
  bool given = false;
  return went(vault.put_all([&]() -> Result<std::optional<NewToken>> {
    if (given) return std::optional<NewToken>();
    given = true;
    return std::optional(NewToken{"planted/new", secret("x"), std::nullopt, std::nullopt});
  }));
}

Status copy(Vault& vault, bool move) {
  const auto target = *open_memory_store();
  const auto done = move ? vault.migrate_to(*target) : vault.backup_to(*target);
  if (!done) REQUIRE(*target->revision() == Revision::absent);
  return went(done);
}

Status use(Vault& vault, const std::string& name) {
  return went(vault.with_token(name, [](const SecretBuffer&, std::uint32_t) { return Verdict::ok; }));
}

}  // namespace

std::vector<Verb> verbs_on(const std::string& name) {
  return {
      {"get", [name](Vault& vault) { return went(vault.get(name)); }},
      {"get the previous one",
       [name](Vault& vault) { return went(vault.get(name, {.stage = Stage::previous})); }},
      {"token", [name](Vault& vault) { return went(vault.token(name)); }},
      {"with_token", [name](Vault& vault) { return use(vault, name); }},
      {"lease", [name](Vault& vault) { return went(vault.lease(name).get()); }},
      {"info of a token", [name](Vault& vault) { return went(vault.info(name)); }},
      {"put", [name](Vault& vault) { return went(vault.put(name, secret("planted"))); }, true},
      {"rollback", [name](Vault& vault) { return went(vault.rollback(name, 1)); }, true},
      {"erase", [name](Vault& vault) { return vault.erase(name); }, true},
      {"undelete", [name](Vault& vault) { return vault.undelete(name); }, true},
      {"destroy", [name](Vault& vault) { return vault.destroy(name); }, true},
      {"mark_suspect", [name](Vault& vault) { return vault.mark_suspect(name, 1); }, true},
      {"set_policy", [name](Vault& vault) { return vault.set_policy(name, std::nullopt); }, true},
  };
}

const std::vector<Verb>& all_verbs() {
  static const auto verbs = [] {
    auto all = verbs_on(Scene::one().aged());
    const std::vector<Verb> more{
        {"list", [](Vault& vault) { return went(vault.list()); }},
        {"expiring", [](Vault& vault) { return went(vault.expiring(Time(std::chrono::hours(1'000'000)))); }},
        {"info", [](Vault& vault) { return went(vault.info()); }},
        {"verify", [](Vault& vault) { return went(vault.verify()); }},
        {"check_key", [](Vault& vault) { return went(vault.check_key(Scene::key())); }},
        {"slot_key", [](Vault& vault) { return went(vault.slot_key()); }},
        {"backup_to", [](Vault& vault) { return copy(vault, false); }},
        {"migrate_to", [](Vault& vault) { return copy(vault, true); }},
        {"put_all", import_one, true},
        {"add_key", [](Vault& vault) { return went(vault.add_key(raw_key('n'))); }, true},
        {"add_recipient", [](Vault& vault) { return went(vault.add_recipient(make_key_pair()->public_key)); },
         true},
        {"add_recovery", [](Vault& vault) { return went(vault.add_recovery()); }, true},
        {"remove_key", [](Vault& vault) { return vault.remove_key(Scene::one().former_slot()); }, true},
        {"rotate_master", [](Vault& vault) { return vault.rotate_master(); }, true},
    };
    all.insert(all.end(), more.begin(), more.end());
    // By etcd a lease may know of a change a second late: docs/threat-model.md.
    if (media().front() == "etcd")
      std::erase_if(all, [](const Verb& verb) { return verb.name == std::string_view("lease"); });
    return all;
  }();
  return verbs;
}

}  // namespace tokenvault::test
