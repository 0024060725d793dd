#include "home.hpp"

#include <sys/random.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "password.hpp"
#include "tokenvault/try.hpp"
#include "tokenvault/vault.hpp"

namespace tokenvault::orgapi {
namespace {

constexpr std::string_view kHashKey = "orgapi/hash-key", kPassword = "orgapi/admin-password";
constexpr std::size_t kHashKeySize = 32, kLeastPassword = 8, kMostPassword = 1024;

struct Places {
  std::string key, vault, database, settings;
  explicit Places(const std::string& folder)
      : key(folder + "/vault.key"),
        vault(folder + "/vault.db"),
        database(folder + "/orgapi.db"),
        settings(folder + "/orgapi.json") {}
};

Status make_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error && !std::filesystem::is_empty(folder, error) && !error)
    return Error(
        Errc::already_exists,
        "make " + folder +
            ": there is something in it; choose another folder, or remove it where an init was interrupted");
  if (!error) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  if (error) return Error(Errc::io, "make " + folder + ": " + error.message(), error.value());
  return Ok{};
}

Result<SecretBuffer> random_key() {
  TV_TRY(auto key, SecretBuffer::allocate(kHashKeySize));
  const auto bytes = key.expose_writable();
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    return Error(Errc::io, "make the hash key: the system gives no random bytes", errno);
  return key;
}

std::string text_of(const nlohmann::json& value, int indent = -1) {
  return value.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// As the issuer wants it, which would refuse every token of another: UTF-8 without control characters.
bool is_org(const std::string& org) {
  for (std::size_t i = 0; i < org.size(); ++i) {
    const auto c = static_cast<unsigned char>(org[i]);
    // C2 80 to C2 9F are the C1 control characters.
    if (c < ' ' || c == 0x7f ||
        (c == 0xc2 && i + 1 < org.size() && static_cast<unsigned char>(org[i + 1]) < 0xa0))
      return false;
  }
  // What is no UTF-8 comes back as something else.
  return !org.empty() && org.size() <= 100 && nlohmann::json::parse(text_of(org)) == org;
}

Status write_settings(const std::string& path, const std::string& org, const std::string& prefix) {
  std::ofstream file(path);
  file << text_of({{"org", org}, {"prefix", prefix}}, 2) << '\n';
  return file.flush() ? Status(Ok{}) : Error(Errc::io, "write " + path + ": the system refused", errno);
}

Result<Vault> open_vault(const Places& places) {
  TV_TRY(const auto key, key_from_file(places.key));
  TV_TRY(auto store, open_sqlite_store(places.vault));
  return Vault::open(std::move(store), key);
}

Status fill_vault(const Places& places, const SecretBuffer& hash_key, const SecretBuffer& password) {
  TV_CHECK(make_key_file(places.key));
  TV_TRY(const auto key, key_from_file(places.key));
  TV_TRY(auto store, open_sqlite_store(places.vault, {.create = true}));
  TV_TRY(auto vault, Vault::create(std::move(store), key));
  TV_TRY(const auto kept, hash_password(password));
  TV_CHECK(vault.put(kHashKey, hash_key));
  TV_CHECK(vault.put(kPassword, kept));
  return Ok{};
}

Status check_password(const SecretBuffer& password) {
  if (password.size() >= kLeastPassword && password.size() <= kMostPassword) return Ok{};
  return Error(Errc::refused, "use the password: it has 8 to 1024 bytes");
}

}  // namespace

Status make_home(const std::string& folder, const std::string& org, const std::string& prefix,
                 const SecretBuffer& password) {
  if (!is_token_prefix(prefix))
    return Error(Errc::invalid_argument,
                 "use the prefix: it is a letter and 1 to 15 letters or digits, all lower case");
  if (!is_org(org))
    return Error(Errc::invalid_argument,
                 "use the organisation's name: it is text of 1 to 100 bytes without control characters");
  TV_CHECK(check_password(password));
  TV_CHECK(make_folder(folder));
  const Places places(folder);
  TV_TRY(const auto hash_key, random_key());
  TV_CHECK(fill_vault(places, hash_key, password));
  TV_CHECK(Issuer::open(places.database, prefix, hash_key));
  // The last, so that a folder which is not whole does not serve.
  return write_settings(places.settings, org, prefix);
}

Status change_password(const std::string& folder, const SecretBuffer& password) {
  TV_CHECK(check_password(password));
  TV_TRY(auto vault, open_vault(Places(folder)));
  TV_TRY(const auto kept, hash_password(password));
  TV_CHECK(vault.put(kPassword, kept));
  return Ok{};
}

Result<Home> open_home(const std::string& folder) {
  const Places places(folder);
  std::ifstream file(places.settings);
  if (!file)
    return Error(Errc::no_vault, "open " + folder + ": it is no whole service's; make one by `orgapi init`");
  const auto settings = nlohmann::json::parse(file, nullptr, false);
  if (!settings.is_object() || !settings.contains("org") || !settings["org"].is_string() ||
      !settings.contains("prefix") || !settings["prefix"].is_string())
    return Error(Errc::tampered, "read " + places.settings + ": it lacks org or prefix");
  TV_TRY(const auto vault, open_vault(places));
  TV_TRY(auto hash_key, vault.get(kHashKey));
  TV_TRY(auto password, vault.get(kPassword));
  return Home{.hash_key = std::move(hash_key),
              .password = std::move(password),
              .org = settings["org"],
              .prefix = settings["prefix"],
              .database = places.database};
}

}  // namespace tokenvault::orgapi
