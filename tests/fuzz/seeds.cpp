// Writes what the corpora of sealed things begin with, as the library makes them:
//   seeds FOLDER
#include <filesystem>
#include <fstream>
#include <functional>

#include "container.hpp"
#include "env/base64url.hpp"
#include "format/record.hpp"
#include "support/fake_clock.hpp"
#include "target.hpp"
#include "tokenvault/vault.hpp"
#include "unsealed.hpp"

using namespace tokenvault;
using namespace tokenvault::fuzz;
namespace fs = std::filesystem;

namespace {

const test::FakeClock still_clock;

void write(const fs::path& path, BytesView bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

Policy policy() {
  Policy made;
  made.provider = "exec:/opt/provider";
  made.rotate_after = std::chrono::hours(720);
  made.grace = std::chrono::hours(1);
  made.owner = "acme";
  made.settings = {{"recipe", "gitlab-pat"}, {"base", "https://git.acme.example"}};
  made.secrets = {{"client", "acme/client"}};
  return made;
}

void put(Vault& vault, const std::string& name, std::string_view value, const PutOptions& options = {}) {
  vault.put(name, secret_of(value), options).value();
}

/// What a vault may hold, a little of each.
const std::vector<std::pair<std::string, std::function<void(Vault&)>>> kVaults{
    {"empty", [](Vault&) {}},
    {"one", [](Vault& vault) { put(vault, "a", "v"); }},
    {"versions",
     [](Vault& vault) {
       put(vault, "a/b", "one", {.label = "a label"});
       put(vault, "a/b", "two", {.expires = still_clock.now() + std::chrono::hours(1)});
       vault.mark_suspect("a/b", 2).value();
     }},
    {"ends",
     [](Vault& vault) {
       put(vault, "erased", "e");
       put(vault, "gone", "g");
       vault.erase("erased").value();
       vault.destroy("gone").value();
     }},
    {"policy",
     [](Vault& vault) {
       put(vault, "acme/client", "c");
       put(vault, "acme/api", "t");
       vault.set_policy("acme/api", policy()).value();
     }},
    {"epochs",
     [](Vault& vault) {
       put(vault, "old", "in the first");
       vault.rotate_master().value();
       put(vault, "new", "in the second");
       vault.rotate_master().value();
     }},
    {"slots",
     [](Vault& vault) {
       const auto pair = make_key_pair().value();
       vault.add_recipient(pair.public_key, "somebody").value();
       vault.add_recovery("a safe").value();
       put(vault, "a", "v");
     }},
    {"nodes",
     [](Vault& vault) {
       for (int i = 0; i < 30; ++i)
         put(vault, "t/" + std::to_string(i), "v", {.label = std::string(60, 'x')});
     }},
};

/// `fill` in a vault of its own.
Bytes make_vault(const std::function<void(Vault&)>& fill, const std::string& uri) {
  const auto place = [&] { return open_store(uri, {.create = true}).value(); };
  auto vault = Vault::create(place(), known_key(), {.clock = &still_clock, .anchors = {}}).value();
  fill(vault);
  const std::shared_ptr<Store> copy = open_memory_store().value();
  vault.backup_to(*copy).value();
  return copy_sealed(*copy).value();
}

void write_vaults(const fs::path& folder) {
  for (const auto& [name, fill] : kVaults) {
    const auto path = folder / "work.db";
    const auto bytes = make_vault(fill, "sqlite:" + path.string());
    write(folder / "file" / name, bytes);
    write(folder / "header" / name, parse_container(bytes)->root);
    write(folder / "env" / name, as_bytes(base64url_encode(bytes)));
    // Closing the last connection brought the log into the file.
    fs::create_directories(folder / "sqlite");
    fs::rename(path, folder / "sqlite" / name);
  }
}

void write_records(const fs::path& folder) {
  const auto key = secret_of(known_key_bytes());
  for (const std::size_t size : {1U, 63U, 64U, 200U}) {
    const auto made = format::seal_record(key, {}, {"a/b", 1, 2}, secret_of(std::string(size, 'v')));
    Writer out;
    out.u8(3);
    out.text("a/b");
    out.u32(1);
    out.u32(2);
    out.raw(made.blob.id.bytes);
    out.raw(made.blob.bytes);
    write(folder / "record" / std::to_string(size), out.view());
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  LLVMFuzzerInitialize(&argc, &argv);
  write_vaults(argv[1]);
  write_records(argv[1]);
  return 0;
}
