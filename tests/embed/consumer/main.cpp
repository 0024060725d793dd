// What a program that embeds the library needs to know of it: the public headers, and one dependency.
#include <tokenvault/vault.hpp>

#include <cstdio>
#include <cstring>
#include <span>

using namespace tokenvault;

namespace {

Status keep_and_read_back() {
  if (auto made = make_key_file("vault.key"); !made) return made;
  auto key = key_from_file("vault.key");
  if (!key) return std::move(key).error();
  auto store = open_store("sqlite:vault.db", {.create = true});
  if (!store) return std::move(store).error();
  auto vault = Vault::create(*std::move(store), *key);
  if (!vault) return std::move(vault).error();

  constexpr char kValue[] = "an example, not a token";
  const auto value = SecretBuffer::copy_of(std::as_bytes(std::span(kValue)));
  if (!value) return value.error();
  if (auto put = vault->put("acme/claimr", *value); !put) return std::move(put).error();
  const auto read = vault->get("acme/claimr");
  if (!read) return read.error();
  if (!equal_constant_time(*read, *value)) return Error(Errc::internal, "another value came back");
  return Ok{};
}

}  // namespace

int main() {
  const auto done = keep_and_read_back();
  std::puts(done ? "kept and read back" : done.error().message().c_str());
  return done ? 0 : 1;
}
