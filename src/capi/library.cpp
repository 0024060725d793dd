#include "capi/border.hpp"

using namespace tokenvault;

uint32_t tv_abi_version(void) { return TV_ABI_VERSION; }

const char* tv_version(void) { return TOKENVAULT_VERSION; }

const char* tv_status_name(tv_status status) {
  if (status == TV_OK) return "ok";
  const bool known = status >= TV_E_INVALID_ARGUMENT && status <= TV_E_REJECTED;
  return known ? to_string(static_cast<Errc>(status)).data() : "unknown";
}

tv_status tv_protection(tv_protection_info* out, tv_error* error) {
  return capi::guarded(error, [&]() -> Status {
    if (auto takes = capi::check_output(out); !takes) return takes;
    const auto now = protection();
    tv_protection_info answer = TV_PROTECTION_INFO_INIT;
    answer.backing = static_cast<std::uint32_t>(now.backing);
    answer.locked_bytes = now.locked_bytes;
    answer.plain_bytes = now.plain_bytes;
    answer.lock_limit = now.lock_limit == SIZE_MAX ? UINT64_MAX : now.lock_limit;
    answer.dontdump = now.dontdump ? 1 : 0;
    answer.dontfork = now.dontfork ? 1 : 0;
    answer.hardened = now.hardened ? 1 : 0;
    answer.os_error = now.os_error;
    capi::write_struct(out, answer);
    return Ok{};
  });
}

tv_status tv_harden_process(tv_error* error) {
  return capi::guarded(error, [] { return harden_process(); });
}
