#include "tokenvault/issuer_provider.hpp"

#include <algorithm>
#include <array>

#include "core/bytes.hpp"
#include "core/try.hpp"

namespace tokenvault {
namespace {

constexpr std::string_view kBearer = "Bearer ";

/// The issuer's word on `token`.
Result<Decision> ask(Issuer& issuer, const SecretBuffer& token, std::string_view scope) {
  TV_TRY(auto field, SecretBuffer::allocate(kBearer.size() + token.expose().size()));
  std::ranges::copy(as_bytes(kBearer), field.expose_writable().begin());
  std::ranges::copy(token.expose(), field.expose_writable().begin() + kBearer.size());
  const std::array fields{as_text(field.expose())};
  return issuer.authorize(fields, scope);
}

std::string sentence(Refusal refusal) { return "the issuer says: " + std::string(to_string(refusal)); }

IssueAnswer refused_answer(std::string why) {
  IssueAnswer answer;
  answer.reply = Reply::refused;
  answer.message = std::move(why);
  return answer;
}

/// Whether an error of rotate() tells that nothing was changed.
bool changed_nothing(Errc code) noexcept {
  return code == Errc::conflict || code == Errc::rejected || code == Errc::expired ||
         code == Errc::not_found || code == Errc::invalid_argument || code == Errc::unavailable;
}

}  // namespace

IssuerProvider::IssuerProvider(Issuer& issuer, std::string rotate_scope)
    : issuer_(&issuer), rotate_scope_(std::move(rotate_scope)) {}

Result<ProviderCapabilities> IssuerProvider::describe() {
  ProviderCapabilities capabilities;
  capabilities.issue = Issue::replay_safe;
  capabilities.old = OldToken::expires;
  capabilities.revoke = true;
  capabilities.overlap = std::chrono::days(7);
  return capabilities;
}

Result<IssueAnswer> IssuerProvider::issue(const ProviderRequest& request, const KeepToken& keep) {
  if (request.token == nullptr) return refused_answer("a token rotates itself, and there is none yet");
  TV_TRY(const auto decision, ask(*issuer_, *request.token, rotate_scope_));
  if (const auto* refusal = std::get_if<Refusal>(&decision)) return refused_answer(sentence(*refusal));
  TokenRotation rotation;
  rotation.rotation = request.rotation;
  rotation.overlap = request.overlap;
  auto issued = issuer_->rotate(std::get<Grant>(decision).id, rotation);
  if (!issued && changed_nothing(issued.error().code())) return refused_answer(issued.error().message());
  if (!issued) return std::move(issued).error();
  TV_CHECK(keep(std::move(issued->token)));
  IssueAnswer answer;
  answer.reply = Reply::done;
  answer.id = issued->grant.id;
  answer.owner = issued->grant.org;
  answer.expires = issued->grant.expires;
  return answer;
}

Result<ProbeAnswer> IssuerProvider::probe(const ProviderRequest& request) {
  ProbeAnswer answer;
  if (request.token == nullptr) return answer;
  TV_TRY(const auto decision, ask(*issuer_, *request.token, {}));
  if (const auto* refusal = std::get_if<Refusal>(&decision)) {
    answer.state = TokenState::invalid;
    answer.message = sentence(*refusal);
    return answer;
  }
  const auto& grant = std::get<Grant>(decision);
  answer.state = TokenState::valid;
  answer.id = grant.id;
  answer.owner = grant.org;
  answer.expires = grant.expires;
  return answer;
}

Result<RevokeAnswer> IssuerProvider::revoke(const ProviderRequest& request) {
  std::string id = request.id;
  // Not by authorize(): that would be a token's first use, and end the one before it.
  if (id.empty() && request.token != nullptr)
    if (const auto parts = parse_token(as_text(request.token->expose()))) id = parts->id;
  RevokeAnswer answer;
  const auto revoked = issuer_->revoke(id);
  if (!revoked && revoked.error().code() != Errc::not_found) return revoked.error();
  answer.reply = Reply::done;
  return answer;
}

}  // namespace tokenvault
