#include "capi/border.hpp"
#include "tokenvault/try.hpp"

namespace tokenvault::capi {
namespace {

Error null_callback() { return {Errc::invalid_argument, "there is nothing to call: it is null"}; }

UseToken use_of(tv_use callback, void* user) {
  return [callback, user](const SecretBuffer& value, std::uint32_t version) {
    const auto bytes = value.expose();
    switch (callback(user, bytes.data(), bytes.size(), version)) {
      case TV_VERDICT_OK: return Verdict::ok;
      case TV_VERDICT_REJECTED: return Verdict::rejected;
      default: return Verdict::failed;
    }
  };
}

std::int32_t verdict_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok: return TV_VERDICT_OK;
    case Verdict::rejected: return TV_VERDICT_REJECTED;
    case Verdict::failed: break;
  }
  return TV_VERDICT_FAILED;
}

Status tell_verdict(Result<Verdict> said, std::int32_t* out) {
  if (!said) return std::move(said).error();
  if (out != nullptr) *out = verdict_of(*said);
  return Ok{};
}

}  // namespace
}  // namespace tokenvault::capi

using namespace tokenvault;

tv_status tv_with_token(tv_vault* vault, const char* name, size_t name_size, tv_use use, void* user,
                        int32_t* verdict, tv_error* error) {
  return capi::guarded(error, [&]() -> Status {
    if (use == nullptr) return capi::null_callback();
    const auto open = capi::use(vault);
    if (!open) return capi::bad_handle("vault");
    TV_TRY(const auto text, capi::text_of(name, name_size));
    return capi::tell_verdict(open->with_token(text, capi::use_of(use, user)), verdict);
  });
}

tv_status tv_mark_suspect(tv_vault* vault, const char* name, size_t name_size, uint32_t version,
                          tv_error* error) {
  return capi::guarded(error, [&]() -> Status {
    const auto open = capi::use(vault);
    if (!open) return capi::bad_handle("vault");
    TV_TRY(const auto text, capi::text_of(name, name_size));
    return open->mark_suspect(text, version);
  });
}

tv_status tv_lease_open(tv_vault* vault, const char* name, size_t name_size, tv_lease** out,
                        tv_error* error) {
  return capi::guarded(error, [&]() -> Status {
    if (out == nullptr) return capi::null_output();
    *out = nullptr;
    const auto open = capi::use(vault);
    if (!open) return capi::bad_handle("vault");
    TV_TRY(const auto text, capi::text_of(name, name_size));
    TV_CHECK(check_name(text));
    return capi::hand_out(capi::held().leases, open->lease(std::string(text)), out);
  });
}

tv_status tv_lease_get(tv_lease* lease, tv_secret** out, tv_error* error) {
  return capi::guarded(error, [&]() -> Status {
    if (out == nullptr) return capi::null_output();
    *out = nullptr;
    const auto held = capi::use(lease);
    if (!held) return capi::bad_handle("lease");
    TV_TRY(auto token, held->token());
    return capi::hand_out(capi::held().secrets, std::move(token), out);
  });
}

tv_status tv_lease_use(tv_lease* lease, tv_use use, void* user, int32_t* verdict, tv_error* error) {
  return capi::guarded(error, [&]() -> Status {
    if (use == nullptr) return capi::null_callback();
    const auto held = capi::use(lease);
    if (!held) return capi::bad_handle("lease");
    return capi::tell_verdict(held->use(capi::use_of(use, user)), verdict);
  });
}

tv_status tv_lease_wait(tv_lease* lease, uint32_t version, uint32_t timeout_ms, uint32_t* current,
                        tv_error* error) {
  return capi::guarded(error, [&]() -> Status {
    if (current == nullptr) return capi::null_output();
    const auto held = capi::use(lease);
    if (!held) return capi::bad_handle("lease");
    TV_TRY(*current, held->wait(version, std::chrono::milliseconds(timeout_ms)));
    return Ok{};
  });
}

void tv_lease_free(tv_lease* lease) { capi::free_handle(capi::held().leases, lease); }
