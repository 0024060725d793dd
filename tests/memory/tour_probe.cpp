// A process that lives with one vault and does all that the library can do with it. Secrets come on stdin, in frames of
// known size and straight into the arena; it says on stdout how far it is whenever no token is in use.
//   tour_probe STORE KEY_FILE OTHER_KEY_FILE COPY
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include "stops.hpp"
#include "tokenvault/backends.hpp"
#include "tokenvault/lease.hpp"
#include "tokenvault/vault.hpp"

namespace {

using namespace tokenvault;
using namespace tokenvault::test;

constexpr std::size_t kToken = 64;
constexpr std::size_t kPassphrase = 40;

void rest(std::string_view where) {
  const auto line = fmt::format("{}\n", where);
  if (write(STDOUT_FILENO, line.data(), line.size()) < 0) std::_Exit(3);
}

template <typename T>
void must_fail(const Result<T>& result, Errc with) {
  if (result || result.error().code() != with) std::_Exit(5);
}

Vault open_vault(const std::string& place, const KeySource& key) {
  return must(Vault::open(must(open_store(place)), key));
}

void keep_tokens(Vault& vault) {
  for (const auto* name : {"a/one", "a/two", "a/two"}) must(vault.put(name, frame(kToken)));
  rest("put");
  for (const auto* name : {"a/one", "a/two"}) must(vault.get(name));
  must(vault.get("a/two", {.stage = Stage::previous}));
  must(vault.token("a/one"));
  must_fail(vault.get("a/none"), Errc::not_found);
  rest("got");
  must(vault.info("a/two"));
  must(vault.info());
  must(vault.list());
  must(vault.expiring(system_clock().now()));
  must(vault.verify());
  rest("looked at");
}

void change_tokens(Vault& vault) {
  must(vault.rollback("a/two", 1));
  must(vault.erase("a/two"));
  must(vault.undelete("a/two"));
  rest("changed");
  int given = 0;
  must(vault.put_all([&]() -> Result<std::optional<NewToken>> {
    if (given == 3) return std::optional<NewToken>();
    return std::optional(NewToken{fmt::format("in/{}", given++), frame(kToken)});
  }));
  rest("imported");
  must(vault.mark_suspect("in/0", 1));
  must(vault.destroy("in/1"));
  Policy policy;
  policy.provider = "human";
  must(vault.set_policy("in/2", policy));
  rest("ended");
}

void use_tokens(Vault& vault) {
  const auto lease = vault.lease("a/one");
  must(lease.get());
  must(lease.token());
  must(lease.use([](const SecretBuffer& value, std::uint32_t) {
    return value.size() == kToken ? Verdict::ok : Verdict::failed;
  }));
  rest("leased");
  must(vault.with_token("a/two", [](const SecretBuffer&, std::uint32_t) { return Verdict::rejected; }));
  must(vault.with_token("a/one", [](const SecretBuffer&, std::uint32_t) { return Verdict::failed; }));
  rest("used");
}

void change_keys(Vault& vault, const KeySource& other, const std::string& place) {
  must(vault.add_key(other, "other"));
  const auto person = must(KeySource::passphrase(frame(kPassphrase)));
  const auto slot = must(vault.add_key(person, "person"));
  const auto pair = must(make_key_pair());
  must(vault.add_recipient(pair.public_key));
  must(vault.add_recovery());
  must(vault.check_key(other));
  must(vault.slot_key());
  rest("keys added");
  must_fail(vault.rotate_master(), Errc::refused);
  must(vault.rotate_master({.keep = {&other, &person}}));
  rest("new master key");
  must(vault.remove_key(slot));
  must(vault.rotate_master({.keep = {&other}}));
  must_fail(Vault::open(must(open_store(place)), person), Errc::wrong_key);
  rest("removed");
}

void live(const std::string& place, const std::string& key_file, const KeySource& other,
          const std::string& copy) {
  const auto key = must(key_from_file(key_file));
  must(Vault::create(must(open_store(place, {.create = true})), key));
  must_fail(Vault::open(must(open_store(place)), other), Errc::wrong_key);
  rest("created");
  auto vault = open_vault(place, key);
  keep_tokens(vault);
  change_tokens(vault);
  use_tokens(vault);
  change_keys(vault, other, place);
  auto beside = must(open_store(copy, {.create = true}));
  must(vault.backup_to(*beside));
  rest("backed up");
  must(vault.erase("a/one"));
  must(Vault::restore(must(open_store(place)), std::move(beside), key,
                      {.slots = {.keep = {&other}}, .replace = true}));
  must(vault.get("a/one"));
  must(vault.verify());
  rest("restored");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 64;
  live(argv[1], argv[2], must(key_from_file(argv[3])), argv[4]);
  rest("over");
  return 0;
}
