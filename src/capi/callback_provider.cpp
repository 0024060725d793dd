#include "capi/callback_provider.hpp"

#include <limits>

#include "capi/border.hpp"
#include "tokenvault/try.hpp"

namespace tokenvault::capi {
namespace {

/// KeepToken for C, and what became of it.
struct Keeper {
  const KeepToken& keep;
  std::optional<Error> error;
};

tv_status keep_value(void* keeper, const void* value, std::size_t size) {
  auto& place = *static_cast<Keeper*>(keeper);
  return guarded(nullptr, [&]() -> Status {
    auto kept = [&]() -> Status {
      TV_TRY(auto secret, secret_of(value, size));
      return place.keep(std::move(secret));
    }();
    if (!kept) place.error = kept.error();
    return kept;
  });
}

std::uint32_t whole_seconds(std::chrono::seconds span) {
  constexpr std::chrono::seconds kMost{std::numeric_limits<std::uint32_t>::max()};
  return static_cast<std::uint32_t>(std::clamp(span, std::chrono::seconds(0), kMost).count());
}

tv_request request_of(const ProviderRequest& request) {
  const auto bytes = [](const SecretBuffer* secret) {
    return secret == nullptr ? std::span<const std::byte>() : secret->expose();
  };
  const auto token = bytes(request.token), current = bytes(request.current);
  return {sizeof(tv_request),
          whole_seconds(request.overlap),
          whole_seconds(request.lifetime),
          whole_seconds(request.timeout),
          request.name.c_str(),
          request.rotation.c_str(),
          request.id.c_str(),
          token.empty() ? nullptr : token.data(),
          token.size(),
          current.empty() ? nullptr : current.data(),
          current.size()};
}

tv_answer unanswered() {
  tv_answer answer{};
  answer.struct_size = sizeof(answer);
  answer.reply = TV_REPLY_DOUBT;
  answer.state = TV_TOKEN_UNKNOWN;
  answer.expires = TV_NO_TIME;
  return answer;
}

template <std::size_t kSize>
std::string text(const char (&given)[kSize]) {
  return {given, ::strnlen(given, kSize)};
}

Reply reply_of(const tv_answer& answer) {
  if (answer.reply == TV_REPLY_DONE) return Reply::done;
  return answer.reply == TV_REPLY_REFUSED ? Reply::refused : Reply::doubt;
}

TokenState state_of(const tv_answer& answer) {
  if (answer.state == TV_TOKEN_VALID) return TokenState::valid;
  return answer.state == TV_TOKEN_INVALID ? TokenState::invalid : TokenState::unknown;
}

std::optional<std::chrono::seconds> retry_of(const tv_answer& answer) {
  if (answer.retry_after_s == 0) return std::nullopt;
  return std::chrono::seconds(answer.retry_after_s);
}

/// An expiry that cannot be is none: it comes from outside, and decides nothing by itself.
std::optional<Time> expiry_of(const tv_answer& answer) {
  const auto time = time_of(answer.expires);
  return time ? *time : std::nullopt;
}

Status asked(tv_status status, const char* what) {
  if (status == TV_OK) return Ok{};
  const bool known = status > TV_OK && status <= TV_E_REJECTED;
  return Error(known ? static_cast<Errc>(status) : Errc::internal,
               std::string("the program's own provider failed to ") + what);
}

bool means_something(const tv_provider& given) {
  return given.issue_kind <= TV_ISSUE_HUMAN && given.old_token <= TV_OLD_DIES &&
         (given.issue_kind == TV_ISSUE_HUMAN || given.issue != nullptr);
}

}  // namespace

Result<CallbackProvider> CallbackProvider::open(const tv_provider& given) {
  if ((given.flags & ~TV_PROVIDER_ONE_PREVIOUS) != 0)
    return Error(Errc::unsupported, "a provider's flag that nobody knows");
  if (!means_something(given))
    return Error(Errc::invalid_argument,
                 "a provider has a number that means nothing, or no function to issue");
  return CallbackProvider(given);
}

Result<ProviderCapabilities> CallbackProvider::describe() {
  ProviderCapabilities capabilities;
  capabilities.issue = given_.issue_kind == TV_ISSUE_REPLAY_SAFE ? Issue::replay_safe
                       : given_.issue_kind == TV_ISSUE_ONCE      ? Issue::once
                                                                 : Issue::human;
  capabilities.old = given_.old_token == TV_OLD_KEPT      ? OldToken::kept
                     : given_.old_token == TV_OLD_EXPIRES ? OldToken::expires
                                                          : OldToken::dies;
  capabilities.revoke = given_.revoke != nullptr;
  capabilities.probe = given_.probe != nullptr;
  capabilities.one_previous = (given_.flags & TV_PROVIDER_ONE_PREVIOUS) != 0;
  capabilities.overlap = std::chrono::seconds(given_.overlap_s);
  capabilities.propagation = std::chrono::seconds(given_.propagation_s);
  return capabilities;
}

Result<IssueAnswer> CallbackProvider::issue(const ProviderRequest& request, const KeepToken& keep) {
  const auto asks = request_of(request);
  auto answer = unanswered();
  Keeper keeper{keep, std::nullopt};
  const auto status = given_.issue(given_.user, &asks, keep_value, &keeper, &answer);
  if (keeper.error) return *std::move(keeper.error);
  TV_CHECK(asked(status, "issue a token"));
  return IssueAnswer{reply_of(answer),     text(answer.id),   text(answer.owner),
                     text(answer.message), expiry_of(answer), retry_of(answer)};
}

Result<ProbeAnswer> CallbackProvider::probe(const ProviderRequest& request) {
  if (given_.probe == nullptr) return ProbeAnswer{};
  const auto asks = request_of(request);
  auto answer = unanswered();
  TV_CHECK(asked(given_.probe(given_.user, &asks, &answer), "probe a token"));
  return ProbeAnswer{state_of(answer), text(answer.id), text(answer.owner), text(answer.message),
                     expiry_of(answer)};
}

Result<RevokeAnswer> CallbackProvider::revoke(const ProviderRequest& request) {
  if (given_.revoke == nullptr) return Provider::revoke(request);
  const auto asks = request_of(request);
  auto answer = unanswered();
  TV_CHECK(asked(given_.revoke(given_.user, &asks, &answer), "revoke a token"));
  return RevokeAnswer{reply_of(answer), text(answer.message), retry_of(answer)};
}

}  // namespace tokenvault::capi
