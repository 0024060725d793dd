#include "rotation/calls.hpp"

#include <algorithm>

#include "core/try.hpp"
#include "rotation/line.hpp"
#include "tokenvault/token_format.hpp"

namespace tokenvault::rotation {
namespace {

constexpr std::size_t kMostFound = 64;
constexpr std::size_t kMostRemembered = 16;

}  // namespace

Status Calls::gather(const Policy& policy) {
  policy_ = policy;
  secrets_.clear();
  for (const auto& [word, name] : policy.secrets) {
    auto value = vault_->get(name);
    if (!value)
      return Error(value.error().code(),
                   "the provider of " + *name_ + " needs the token " + name + ": " + value.error().message());
    secrets_.emplace(word, *std::move(value));
  }
  return Ok{};
}

ProviderRequest Calls::request(std::string rotation) const {
  ProviderRequest request;
  request.name = *name_;
  request.rotation = std::move(rotation);
  request.settings = policy_.settings;
  for (const auto& [word, value] : secrets_) request.secrets.emplace(word, &value);
  request.lifetime = policy_.lifetime;
  request.timeout = policy_.timeout;
  return request;
}

std::string Calls::clean(std::string_view text) const {
  std::vector<const SecretBuffer*> all;
  for (const auto& [word, value] : secrets_) all.push_back(&value);
  for (const auto& token : tokens_) all.push_back(&token);
  return line_of(text, all);
}

/// Not for an id: that of another provider's token may look like a token of ours.
std::string Calls::words(std::string_view text) const {
  return clean(text).empty() ? std::string() : clean(redact_tokens(text));
}

/// An answer about one token may show another.
void Calls::remember(const SecretBuffer& token) {
  if (std::ranges::any_of(tokens_,
                          [&](const SecretBuffer& known) { return equal_constant_time(known, token); }))
    return;
  if (tokens_.size() == kMostRemembered) tokens_.erase(tokens_.begin());
  if (auto copy = SecretBuffer::copy_of(token.expose())) tokens_.push_back(*std::move(copy));
}

Result<SecretBuffer> Calls::value(std::uint32_t version) {
  TV_TRY(auto token, vault_->get(*name_, {.number = version, .expired_ok = true}));
  remember(token);
  return token;
}

Result<IssueAnswer> Calls::issue(const format::Rotation& rotation, std::chrono::seconds overlap,
                                 const KeepToken& keep) {
  TV_TRY(const auto current, value(rotation.old_version));
  auto asked = request(format::id_text(rotation.id));
  asked.token = &current;
  if (const auto* made = rotation.find_made(rotation.old_version)) asked.id = made->id;
  asked.overlap = overlap;
  auto answer = provider_->issue(asked, [&](SecretBuffer value) -> Status {
    remember(value);
    return keep(std::move(value));
  });
  if (!answer)
    return Error(answer.error().code(), words(answer.error().message()), answer.error().os_error());
  for (auto* text : {&answer->id, &answer->owner}) *text = clean(*text);
  answer->message = words(answer->message);
  return answer;
}

ProbeAnswer Calls::probe(const std::string& rotation, const SecretBuffer& token, const std::string& id) {
  remember(token);
  auto asked = request(rotation);
  asked.token = &token;
  asked.id = id;
  auto answer = provider_->probe(asked);
  if (!answer) return {TokenState::unknown, {}, {}, words(answer.error().message()), std::nullopt};
  for (auto* text : {&answer->id, &answer->owner}) *text = clean(*text);
  answer->message = words(answer->message);
  return *std::move(answer);
}

Result<RevokeAnswer> Calls::revoke(const Obligation& owed, const SecretBuffer& current,
                                   const std::optional<std::string>& current_id) {
  if (owed.version == 0) return revoke_unseen(owed, current, current_id);
  TV_TRY(const auto token, value(owed.version));
  // The same value came back under another number: to end it would end the one in use.
  if (equal_constant_time(token, current)) return RevokeAnswer{Reply::done, {}, {}};
  auto asked = request({});
  asked.token = &token;
  asked.current = &current;
  asked.id = owed.id;
  TV_TRY(auto answer, provider_->revoke(asked));
  answer.message = words(answer.message);
  return answer;
}

Result<RevokeAnswer> Calls::revoke_unseen(const Obligation& owed, const SecretBuffer& current,
                                          const std::optional<std::string>& current_id) {
  auto asked = request(owed.id);
  asked.current = &current;
  TV_TRY(const auto found, provider_->find(asked));
  if (found.reply != Reply::done) return RevokeAnswer{found.reply, words(found.message), std::nullopt};
  if (found.ids.size() > kMostFound) return RevokeAnswer{Reply::refused, "it finds more than 64 tokens", {}};
  for (const auto& id : found.ids) {
    if (id.empty() || (current_id && id == *current_id)) continue;
    if (current_id && current_id->empty())
      return RevokeAnswer{Reply::refused, "it finds tokens, and the one in use may be one of them",
                          std::nullopt};
    asked.id = id;
    TV_TRY(auto answer, provider_->revoke(asked));
    answer.message = words(answer.message);
    if (answer.reply != Reply::done) return answer;
  }
  return RevokeAnswer{Reply::done, {}, std::nullopt};
}

}  // namespace tokenvault::rotation
