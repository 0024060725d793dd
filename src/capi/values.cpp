#include "capi/border.hpp"
#include "tokenvault/try.hpp"

namespace tokenvault::capi {
namespace {

constexpr tv_get_options kUsualGet = TV_GET_OPTIONS_INIT;
constexpr tv_put_options kUsualPut = TV_PUT_OPTIONS_INIT;

Result<Pick> pick_of(const tv_get_options* given) {
  if (given == nullptr) return Pick{};
  TV_TRY(const auto asked, read_struct(given, kUsualGet));
  if ((asked.flags & ~(TV_GET_PREVIOUS | TV_GET_EXPIRED_OK)) != 0)
    return Error(Errc::unsupported, "a flag for getting that nobody knows");
  if ((asked.flags & TV_GET_PREVIOUS) != 0 && asked.version != 0)
    return Error(Errc::invalid_argument, "either the previous version or one by its number");
  return Pick{(asked.flags & TV_GET_PREVIOUS) != 0 ? Stage::previous : Stage::current, asked.version,
              (asked.flags & TV_GET_EXPIRED_OK) != 0};
}

Result<PutOptions> put_options_of(const tv_put_options* given) {
  TV_TRY(const auto asked, read_struct(given, kUsualPut));
  if ((asked.flags & ~TV_PUT_IF_VERSION) != 0)
    return Error(Errc::unsupported, "a flag for putting that nobody knows");
  PutOptions options;
  TV_TRY(options.expires, time_of(asked.expires));
  if (asked.label != nullptr) options.label = asked.label;
  if ((asked.flags & TV_PUT_IF_VERSION) != 0) options.if_version = asked.if_version;
  return options;
}

Result<Token> read(const tv_vault* vault, const char* name, std::size_t name_size,
                   const tv_get_options* options) {
  const auto open = use(vault);
  if (!open) return bad_handle("vault");
  TV_TRY(const auto text, text_of(name, name_size));
  TV_TRY(const auto pick, pick_of(options));
  return open->token(text, pick);
}

tv_status change(const tv_vault* vault, const char* name, std::size_t name_size, tv_error* error,
                 Status (Vault::*call)(std::string_view)) {
  return guarded(error, [&]() -> Status {
    const auto open = use(vault);
    if (!open) return bad_handle("vault");
    TV_TRY(const auto text, text_of(name, name_size));
    return ((*open).*call)(text);
  });
}

}  // namespace
}  // namespace tokenvault::capi

using namespace tokenvault;

tv_status tv_get(tv_vault* vault, const char* name, size_t name_size, const tv_get_options* options,
                 tv_secret** out, tv_error* error) {
  return capi::guarded(error, [&]() -> Status {
    if (out == nullptr) return capi::null_output();
    *out = nullptr;
    TV_TRY(auto token, capi::read(vault, name, name_size, options));
    return capi::hand_out(capi::held().secrets, std::move(token), out);
  });
}

tv_status tv_read(tv_vault* vault, const char* name, size_t name_size, const tv_get_options* options,
                  void* buffer, size_t capacity, size_t* size, uint32_t* version, tv_error* error) {
  return capi::guarded(error, [&]() -> Status {
    if (size == nullptr) return capi::null_output();
    TV_TRY(const auto token, capi::read(vault, name, name_size, options));
    TV_CHECK(capi::copy_secret(token.value, buffer, capacity, size));
    if (version != nullptr) *version = token.version;
    return Ok{};
  });
}

const void* tv_secret_data(const tv_secret* secret) {
  const auto held = capi::use(secret);
  const auto bytes = held ? held->value.expose() : std::span<const std::byte>();
  return bytes.empty() ? nullptr : bytes.data();
}

size_t tv_secret_size(const tv_secret* secret) {
  const auto held = capi::use(secret);
  return held ? held->value.expose().size() : 0;
}

uint32_t tv_secret_version(const tv_secret* secret) {
  const auto held = capi::use(secret);
  return held ? held->version : 0;
}

tv_status tv_secret_copy(const tv_secret* secret, void* buffer, size_t capacity, size_t* size,
                         tv_error* error) {
  return capi::guarded(error, [&]() -> Status {
    const auto held = capi::use(secret);
    if (!held) return capi::bad_handle("secret");
    return capi::copy_secret(held->value, buffer, capacity, size);
  });
}

void tv_secret_free(tv_secret* secret) { capi::free_handle(capi::held().secrets, secret); }

tv_status tv_put(tv_vault* vault, const char* name, size_t name_size, const void* value, size_t size,
                 const tv_put_options* options, uint32_t* version, tv_error* error) {
  return capi::guarded(error, [&]() -> Status {
    const auto open = capi::use(vault);
    if (!open) return capi::bad_handle("vault");
    TV_TRY(const auto text, capi::text_of(name, name_size));
    TV_TRY(const auto asked, capi::put_options_of(options));
    TV_TRY(const auto secret, capi::secret_of(value, size));
    TV_TRY(const auto number, open->put(text, secret, asked));
    if (version != nullptr) *version = number;
    return Ok{};
  });
}

tv_status tv_erase(tv_vault* vault, const char* name, size_t name_size, tv_error* error) {
  return capi::change(vault, name, name_size, error, &Vault::erase);
}

tv_status tv_undelete(tv_vault* vault, const char* name, size_t name_size, tv_error* error) {
  return capi::change(vault, name, name_size, error, &Vault::undelete);
}
