#include "tokenvault/fake_provider.hpp"

#include <fmt/format.h>

#include "core/bytes.hpp"
#include "core/try.hpp"
#include "crypto/random.hpp"
#include "rotation/fake_table.hpp"

namespace tokenvault {
namespace {

std::string_view text_of(const SecretBuffer* token) {
  return token == nullptr ? std::string_view() : as_text(token->expose());
}

std::int64_t now_of(const Clock& clock) { return clock.now().time_since_epoch().count(); }

std::string new_value(std::string_view prefix) {
  std::string value(prefix.substr(0, 32));
  for (const auto byte : crypto::random_array<8>())
    value += fmt::format("{:02x}", std::to_integer<int>(byte));
  return value;
}

IssueAnswer refusal(std::string message) {
  IssueAnswer answer;
  answer.reply = Reply::refused;
  answer.message = std::move(message);
  return answer;
}

}  // namespace

FakeProvider::FakeProvider(FakeBehaviour behaviour, const Clock& clock)
    : behaviour_(std::move(behaviour)), clock_(&clock), table_(std::make_unique<rotation::FakeTable>()) {}
FakeProvider::~FakeProvider() = default;

FakeFault FakeProvider::begin_call(std::string_view verb) {
  const auto number = table_->count_call();
  return behaviour_.fault ? behaviour_.fault(number, verb) : FakeFault::none;
}

std::string FakeProvider::owner_of(bool foreign) const { return foreign ? "another" : behaviour_.owner; }

Result<ProviderCapabilities> FakeProvider::describe() { return behaviour_.capabilities; }

Result<SecretBuffer> FakeProvider::make_token() {
  const auto value = new_value(behaviour_.prefix);
  table_->add(value, {});
  return SecretBuffer::copy_of(as_bytes(value));
}

Result<IssueAnswer> FakeProvider::issue(const ProviderRequest& request, const KeepToken& keep) {
  const auto fault = begin_call("issue");
  if (fault == FakeFault::refuse) return refusal("not now");
  if (fault == FakeFault::lose_request) return IssueAnswer{};
  const auto& declared = behaviour_.capabilities;
  const auto value = new_value(behaviour_.prefix);
  rotation::FakeTable::Making making;
  making.old = text_of(request.token);
  making.value = value;
  making.rotation = request.rotation;
  making.now = now_of(*clock_);
  const auto overlap = request.overlap.count() != 0 ? request.overlap : declared.overlap;
  if (declared.old == OldToken::dies) making.old_ends = 0;
  if (declared.old == OldToken::expires) making.old_ends = making.now + overlap.count();
  making.unseen = behaviour_.probes_until_seen;
  making.foreign = behaviour_.wrong_owner;
  making.replay = declared.issue == Issue::replay_safe;
  making.same_value = behaviour_.same_value;
  making.one_previous = declared.one_previous;
  making.reuse_kills = behaviour_.reuse_kills;
  const auto fresh = table_->make(making);
  if (!fresh) return refusal("this token has ended");
  if (fault == FakeFault::lose_answer) return IssueAnswer{};
  TV_TRY(auto copy, SecretBuffer::copy_of(as_bytes(fresh->text())));
  TV_CHECK(keep(std::move(copy)));
  IssueAnswer answer;
  answer.reply = Reply::done;
  answer.id = table_->id_of(fresh->text());
  answer.owner = owner_of(fresh->foreign);
  return answer;
}

Result<ProbeAnswer> FakeProvider::probe(const ProviderRequest& request) {
  ProbeAnswer answer;
  if (begin_call("probe") != FakeFault::none) return answer;
  const auto value = text_of(request.token);
  if (!table_->see(value, now_of(*clock_))) {
    answer.state = TokenState::invalid;
    return answer;
  }
  const auto token = table_->find(value);
  answer.state = TokenState::valid;
  answer.id = table_->id_of(value);
  answer.owner = owner_of(token && token->foreign);
  return answer;
}

Result<RevokeAnswer> FakeProvider::revoke(const ProviderRequest& request) {
  const auto fault = begin_call("revoke");
  if (fault == FakeFault::refuse) return RevokeAnswer{Reply::refused, "not now", std::nullopt};
  if (fault == FakeFault::lose_request) return RevokeAnswer{};
  table_->end(text_of(request.token), request.id);
  if (fault == FakeFault::lose_answer) return RevokeAnswer{};
  return RevokeAnswer{Reply::done, {}, std::nullopt};
}

Result<FindAnswer> FakeProvider::find(const ProviderRequest& request) {
  if (begin_call("find") != FakeFault::none) return FindAnswer{};
  return FindAnswer{Reply::done, table_->ids_of(request.rotation, now_of(*clock_)), {}};
}

bool FakeProvider::accepts(const SecretBuffer& token) const {
  const auto found = table_->find(text_of(&token));
  return found && found->ends > now_of(*clock_);
}

std::uint64_t FakeProvider::made() const { return table_->made(); }
std::uint64_t FakeProvider::calls() const { return table_->calls(); }
std::uint64_t FakeProvider::live() const { return table_->count_live(now_of(*clock_)); }

}  // namespace tokenvault
