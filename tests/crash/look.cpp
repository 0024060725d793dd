// What is left of a vault, in one line that two runs can be compared by, and whether the work goes on.
//   look URI KEYFILE      "open ..." with all that a user can see of it, or "closed KIND"
//   look URI KEYFILE on   stores one more token besides, reads it back, and says "went on"
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <string_view>

#include "core/bytes.hpp"
#include "tokenvault/vault.hpp"
#ifdef TOKENVAULT_TEST_ON_ETCD
#include "tokenvault/etcd.hpp"
#endif

namespace tokenvault {
namespace {

/// FNV-1a, so that values can be compared by what is printed, and printed without being shown.
std::string digest(const SecretBuffer& value) {
  std::uint32_t sum = 2166136261U;
  for (const auto byte : value.expose()) sum = (sum ^ std::to_integer<std::uint32_t>(byte)) * 16777619U;
  return fmt::format("{:08x}", sum);
}

KeySource key_in(const char* path) {
  std::string text(33, '\0');
  std::FILE* const file = std::fopen(path, "rb");
  text.resize(file == nullptr ? 0 : std::fread(text.data(), 1, text.size(), file));
  if (file != nullptr) std::fclose(file);
  return KeySource::raw_key(SecretBuffer::copy_of(as_bytes(text)).value()).value();
}

Result<std::unique_ptr<Store>> open_place(std::string_view uri) {
#ifdef TOKENVAULT_TEST_ON_ETCD
  if (uri.starts_with("etcd:")) return open_etcd_store(uri.substr(5), {});
#endif
  return open_store(uri, {.lock_timeout = std::chrono::seconds(5), .create = false});
}

Result<Vault> open_vault(std::string_view uri, const char* key_file) {
  auto store = open_place(uri);
  if (!store) return store.error();
  VaultOptions options;
  options.timeout = std::chrono::milliseconds(300);  // nobody else writes
  return Vault::open(*std::move(store), key_in(key_file), options);
}

std::string versions_of(const Vault& vault, const TokenInfo& token) {
  std::string text;
  for (const auto& version : token.versions) {
    const auto value = vault.get(token.name, {.number = version.number, .expired_ok = true});
    text += fmt::format("{}{}={}", text.empty() ? "" : ",", version.number,
                        to_string(version.stage).substr(0, 2));
    text += value ? ":" + digest(*value) : fmt::format("!{}", to_string(value.error().code()));
  }
  return text;
}

std::string rotation_of(const TokenInfo& token) {
  if (!token.rotation) return {};
  auto text = fmt::format(" rotation={},{}", to_string(token.rotation->phase), token.rotation->new_version);
  for (const auto& owed : token.rotation->obligations) text += fmt::format(",owes{}", owed.version);
  return text;
}

std::string state(const Vault& vault) {
  const auto info = vault.info().value();
  auto line =
      fmt::format("open generation {} epoch {} slots {}", info.generation, info.epoch, info.slots.size());
  for (const auto& each : vault.list().value()) {
    const auto token = vault.info(each.name).value();
    line += fmt::format(" [{} {} policy={}{}]", token.name.substr(0, 10), versions_of(vault, token),
                        token.policy ? token.policy->rotate_after.count() : -1, rotation_of(token));
  }
  const auto report = vault.verify().value();
  return line + fmt::format(" records {} faults {} orphans {}", report.records, report.faults.size(),
                            report.orphans);
}

std::string go_on(Vault& vault) {
  const auto value = SecretBuffer::copy_of(as_bytes(std::string_view("one more"))).value();
  const auto put = vault.put("one/more", value);
  if (!put) return fmt::format("cannot go on: {}", put.error().message());
  const auto read = vault.get("one/more");
  const auto report = vault.verify();
  return read && digest(*read) == digest(value) && report && report->faults.empty()
             ? "went on"
             : "went on, and it shows faults";
}

int look(const char* uri, const char* key_file, bool on) {
  auto vault = open_vault(uri, key_file);
  if (!vault) {
    fmt::print("closed {}\n", to_string(vault.error().code()));
    return 0;
  }
  fmt::print("{}\n", state(*vault));
  if (on) fmt::print("{}\n", go_on(*vault));
  return 0;
}

}  // namespace
}  // namespace tokenvault

int main(int count, char** words) {
  if (count < 3 || count > 4) return 2;
  return tokenvault::look(words[1], words[2], count == 4);
}
