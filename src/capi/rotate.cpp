#include "capi/border.hpp"
#include "capi/callback_provider.hpp"
#include "tokenvault/exec_provider.hpp"
#include "tokenvault/human_provider.hpp"
#include "tokenvault/rotation.hpp"
#include "tokenvault/try.hpp"

namespace tokenvault::capi {
namespace {

constexpr tv_provider kUsualProvider = TV_PROVIDER_INIT;
constexpr std::uint32_t kFlags = TV_ROTATE_UNVERIFIED | TV_ROTATE_FORCE | TV_ROTATE_THEIRS;

Result<std::unique_ptr<Provider>> provider_of_policy(const Vault& vault, std::string_view name) {
  TV_TRY(const auto token, vault.info(name));
  if (!token.policy) return Error(Errc::refused, token.name + " has no policy, and no provider is given");
  const std::string_view word = token.policy->provider;
  if (word == "human") return open_human_provider(token.policy->settings);
  constexpr std::string_view kExec = "exec:";
  if (word.starts_with(kExec))
    return open_exec_provider(std::string(word.substr(kExec.size())), token.policy->settings);
  return Error(Errc::unsupported, "the provider in the policy of " + token.name +
                                      " is for the command: `tokenvault rotate` knows it");
}

Result<std::unique_ptr<Provider>> provider_of(const Vault& vault, std::string_view name,
                                              const tv_provider* given) {
  if (given == nullptr) return provider_of_policy(vault, name);
  TV_TRY(const auto copy, read_struct(given, kUsualProvider));
  TV_TRY(auto provider, CallbackProvider::open(copy));
  return std::unique_ptr<Provider>(std::make_unique<CallbackProvider>(std::move(provider)));
}

/// Nobody is asked by it, so that a status needs no provider at hand.
Result<std::unique_ptr<Provider>> provider_for(const Vault& vault, std::string_view name,
                                               const tv_provider* given, std::uint32_t step) {
  if (step == TV_STEP_STATUS && given == nullptr) return open_human_provider();
  return provider_of(vault, name, given);
}

Result<RotationInfo> take(Rotator& rotator, std::uint32_t step, std::uint32_t flags) {
  switch (step) {
    case TV_STEP_ROTATE: return rotator.rotate();
    case TV_STEP_RESUME: return rotator.resume();
    case TV_STEP_STATUS: return rotator.status();
    case TV_STEP_START: return rotator.start();
    case TV_STEP_ISSUE: return rotator.issue();
    case TV_STEP_VERIFY: return rotator.verify();
    case TV_STEP_PROMOTE: return rotator.promote((flags & TV_ROTATE_UNVERIFIED) != 0);
    case TV_STEP_RETIRE: return rotator.retire((flags & TV_ROTATE_THEIRS) != 0);
    case TV_STEP_ABORT: return rotator.abort((flags & TV_ROTATE_FORCE) != 0);
    default: return Error(Errc::invalid_argument, "there is no such step of a rotation");
  }
}

tv_rotation describe(const RotationInfo& info) {
  tv_rotation answer = TV_ROTATION_INIT;
  answer.phase = static_cast<std::uint32_t>(info.phase);
  answer.old_version = info.old_version;
  answer.new_version = info.new_version;
  answer.attempts = info.attempts;
  answer.asks = info.asks ? 1 : 0;
  answer.obligations = static_cast<std::uint32_t>(info.obligations.size());
  answer.started = info.id.empty() ? TV_NO_TIME : seconds(info.started);
  answer.changed = info.id.empty() ? TV_NO_TIME : seconds(info.changed);
  answer.next_try = seconds(info.next_try);
  copy_text(answer.id, info.id);
  copy_text(answer.note, info.note);
  return answer;
}

using Step = std::function<Result<RotationInfo>(Rotator&)>;

tv_status rotate(const tv_vault* vault, const char* name, std::size_t name_size, const tv_provider* provider,
                 std::uint32_t step, const Step& go, tv_rotation* out, tv_error* error) {
  return guarded(error, [&]() -> Status {
    if (out != nullptr) {
      TV_CHECK(check_output(out));
    }
    const auto open = use(vault);
    if (!open) return bad_handle("vault");
    TV_TRY(const auto text, text_of(name, name_size));
    TV_CHECK(check_name(text));
    TV_TRY(const auto asked, provider_for(*open, text, provider, step));
    Rotator rotator(*open, std::string(text), *asked);
    TV_TRY(const auto info, go(rotator));
    if (out != nullptr) write_struct(out, describe(info));
    return Ok{};
  });
}

}  // namespace
}  // namespace tokenvault::capi

using namespace tokenvault;

tv_status tv_rotate(tv_vault* vault, const char* name, size_t name_size, const tv_provider* provider,
                    uint32_t step, uint32_t flags, tv_rotation* out, tv_error* error) {
  return capi::rotate(
      vault, name, name_size, provider, step,
      [&](Rotator& rotator) -> Result<RotationInfo> {
        if ((flags & ~capi::kFlags) != 0)
          return Error(Errc::unsupported, "a flag for rotating that nobody knows");
        return capi::take(rotator, step, flags);
      },
      out, error);
}

tv_status tv_rotate_stage(tv_vault* vault, const char* name, size_t name_size, const tv_provider* provider,
                          const void* value, size_t size, tv_rotation* out, tv_error* error) {
  return capi::rotate(
      vault, name, name_size, provider, TV_STEP_STATUS,
      [&](Rotator& rotator) -> Result<RotationInfo> {
        TV_TRY(auto secret, capi::secret_of(value, size));
        return rotator.stage(std::move(secret));
      },
      out, error);
}
