#include <unistd.h>

#include "capi/border.hpp"
#include "tokenvault/environment.hpp"
#include "tokenvault/places.hpp"
#include "tokenvault/try.hpp"

namespace tokenvault::capi {
namespace {

constexpr tv_open_options kUsualOpen = TV_OPEN_OPTIONS_INIT;
constexpr std::string_view kPlainScheme = "env-plain:";
constexpr std::size_t kMaxPassphrase = 1024;  // bytes

/// tv_open_options, understood.
struct Opening {
  std::string uri;
  VaultOptions options;
  StoreOptions store;
  tv_open_options asked;
};

std::string or_empty(const char* text) { return text == nullptr ? std::string() : std::string(text); }

Result<Opening> opening_of(const tv_open_options* given, bool create) {
  if (given == nullptr)
    return Error(Errc::invalid_argument, "the options say where the vault is: they cannot be null");
  Opening opening;
  TV_TRY(opening.asked, read_struct(given, kUsualOpen));
  const auto& asked = opening.asked;
  if ((asked.flags & ~TV_OPEN_DEFAULTS) != 0)
    return Error(Errc::unsupported, "a flag for opening that nobody knows");
  const bool defaults = (asked.flags & TV_OPEN_DEFAULTS) != 0;
  if (defaults && create)
    return Error(Errc::invalid_argument,
                 "the defaults are for opening: `tokenvault init` makes such a vault");
  opening.uri = or_empty(asked.uri);
  opening.options.anchors = or_empty(asked.anchors);
  if (defaults) {
    const auto known = places();
    if (asked.uri == nullptr) opening.uri = known.vault.empty() ? known.default_vault : known.vault;
    if (asked.anchors == nullptr) opening.options.anchors = known.anchors;
  }
  if (opening.uri.empty()) return Error(Errc::invalid_argument, "nothing says where the vault is");
  if (asked.timeout_ms != 0)
    opening.options.timeout = opening.store.lock_timeout = std::chrono::milliseconds(asked.timeout_ms);
  opening.store.create = create;
  return opening;
}

std::string default_key_file() {
  const auto known = places();
  if (!known.environment_key_file.empty()) return known.environment_key_file;
  if (!known.credential.empty() && ::access(known.credential.c_str(), F_OK) == 0) return known.credential;
  return known.key_file;
}

Result<KeySource> key_of(const tv_open_options& asked) {
  const int given = (asked.key_file != nullptr) + (asked.key != nullptr) + (asked.passphrase != nullptr);
  if (given > 1) return Error(Errc::invalid_argument, "two key sources are given: give one");
  if (asked.key != nullptr) {
    TV_TRY(auto key, secret_of(asked.key, asked.key_size));
    return KeySource::raw_key(std::move(key));
  }
  if (asked.passphrase != nullptr) {
    TV_TRY(auto text, secret_of(asked.passphrase, asked.passphrase_size, kMaxPassphrase));
    return KeySource::passphrase(std::move(text));
  }
  auto path = or_empty(asked.key_file);
  if (given == 0 && (asked.flags & TV_OPEN_DEFAULTS) != 0) path = default_key_file();
  if (path.empty()) return Error(Errc::invalid_argument, "nothing says what opens the vault");
  return key_from_file(path);
}

Result<Vault> open_plain(const Opening& opening) {
  TV_TRY(const auto mappings, parse_plain_mapping(std::string_view(opening.uri).substr(kPlainScheme.size())));
  TV_TRY(auto opened, open_plain_environment(mappings, opening.options));
  return std::move(opened.vault);
}

Result<Vault> open(const Opening& opening) {
  const bool create = opening.store.create;
  if (!create && opening.uri.starts_with(kPlainScheme)) return open_plain(opening);
  TV_TRY(auto store, open_store(opening.uri, opening.store));
  TV_TRY(const auto key, key_of(opening.asked));
  return create ? Vault::create(std::move(store), key, opening.options)
                : Vault::open(std::move(store), key, opening.options);
}

tv_status open_handle(const tv_open_options* options, bool create, tv_vault** out, tv_error* error) {
  return guarded(error, [&]() -> Status {
    if (out == nullptr) return null_output();
    *out = nullptr;
    TV_TRY(const auto opening, opening_of(options, create));
    TV_TRY(auto vault, open(opening));
    return hand_out(held().vaults, std::move(vault), out);
  });
}

}  // namespace
}  // namespace tokenvault::capi

using namespace tokenvault;

tv_status tv_open(const tv_open_options* options, tv_vault** out, tv_error* error) {
  return capi::open_handle(options, false, out, error);
}

tv_status tv_create(const tv_open_options* options, tv_vault** out, tv_error* error) {
  return capi::open_handle(options, true, out, error);
}

void tv_vault_free(tv_vault* vault) { capi::free_handle(capi::held().vaults, vault); }

tv_status tv_make_key_file(const char* path, tv_error* error) {
  return capi::guarded(error, [&]() -> Status {
    if (path == nullptr || *path == '\0') return Error(Errc::invalid_argument, "the key file has no path");
    return make_key_file(path);
  });
}

tv_status tv_inspect(tv_vault* vault, tv_vault_info* out, tv_error* error) {
  return capi::guarded(error, [&]() -> Status {
    TV_CHECK(capi::check_output(out));
    const auto open = capi::use(vault);
    if (!open) return capi::bad_handle("vault");
    TV_TRY(const auto info, open->info());
    tv_vault_info answer = TV_VAULT_INFO_INIT;
    answer.epoch = info.epoch;
    answer.generation = info.generation;
    answer.tokens = info.tokens;
    std::memcpy(answer.vault_id, info.vault_id.data(), sizeof(answer.vault_id));
    answer.writable = info.capabilities.writable ? 1 : 0;
    answer.durable = info.capabilities.durable ? 1 : 0;
    answer.encrypted_at_rest = info.encrypted_at_rest ? 1 : 0;
    capi::write_struct(out, answer);
    return Ok{};
  });
}
