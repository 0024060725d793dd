// What is checked, in the order in which it can be.
#include "rotation/checkup.hpp"

#include <algorithm>
#include <utility>

#include "core/bytes.hpp"
#include "crypto/random.hpp"
#include "format/rotation.hpp"

namespace tokenvault::rotation {
namespace {

std::string new_rotation() { return format::id_text(crypto::random_array<16>()); }

}  // namespace

ProviderReport Checkup::run() {
  rotation_ = new_rotation();
  old_.value = std::move(check_.current);
  // By what it does not even declare the same it cannot be judged.
  if (report_.faults.empty() && check_current()) {
    check_made_up();
    if (declared_.issue != Issue::human && check_issue()) {
      check_replay();
      check_new();
      check_old();
      check_find();
      check_revoke();
    }
  }
  check_late();
  report_.token = best();
  return std::move(report_);
}

/// Nothing can be told of a provider by a token that it does not take.
bool Checkup::check_current() {
  if (old_.value.empty()) {
    wrong("probe: there is no current token to begin with");
    return false;
  }
  if (!declared_.probe || becomes(old_, TokenState::valid)) return true;
  wrong("probe: the current token is not valid");
  return false;
}

void Checkup::check_made_up() {
  if (!declared_.probe) return;
  Known made_up;
  auto value = SecretBuffer::copy_of(as_bytes(new_rotation()));
  if (!value) return fail("probe", value.error());
  made_up.value = *std::move(value);
  const auto answer = probe(made_up);
  if (answer && answer->state == TokenState::valid) wrong("probe: a made-up token is valid");
  if (!becomes(old_, TokenState::valid)) wrong("probe: a made-up token ended the current one");
}

bool Checkup::check_issue() {
  auto [kept, reply] = issue();
  if (reply != Reply::done) wrong("issue: it is not done");
  if (kept.empty()) {
    wrong("issue: it hands over no token");
    if (declared_.probe && !becomes(old_, TokenState::valid))
      wrong("issue: the current token is lost for nothing");
    return false;
  }
  if (kept.size() > 1) wrong("issue: it hands over more than one token");
  fresh_.value = std::move(kept.back());
  if (fresh_.value.empty()) wrong("issue: the new token is empty");
  if (!is_printable(fresh_.value.expose())) wrong("issue: the new token has bytes that no header can carry");
  if (equal_constant_time(fresh_.value, old_.value)) wrong("issue: the new token is the current one again");
  return !fresh_.value.empty() && !equal_constant_time(fresh_.value, old_.value);
}

void Checkup::check_new() {
  if (!declared_.probe) return;
  if (!becomes(fresh_, TokenState::valid)) wrong("issue: the new token is not valid in time");
  if (!old_.owner.empty() && !fresh_.owner.empty() && old_.owner != fresh_.owner)
    wrong("issue: the new token belongs to another owner");
  if (declared_.find && !old_.id.empty() && old_.id == fresh_.id)
    wrong("issue: both tokens have the same id");
}

void Checkup::check_old() {
  if (!declared_.probe) return;
  const bool dies = declared_.old == OldToken::dies;
  if (becomes(old_, dies ? TokenState::invalid : TokenState::valid)) return;
  wrong(dies ? "issue: the old token does not die as declared"
             : "issue: the old token does not live on as declared");
}

/// As a rotator asks that never got the answer: with the token that it still takes for the current one, and before
/// anybody has used the new one. Who keeps no tokens cannot give the same one again, and ends it for another.
void Checkup::check_replay() {
  if (declared_.issue != Issue::replay_safe) return;
  auto first = std::exchange(fresh_, {});
  auto [kept, reply] = issue();
  if (reply != Reply::done) wrong("issue: repeated, it is not done");
  if (kept.empty()) {
    wrong("issue: repeated, it hands over no token");
    fresh_ = std::move(first);
    return;
  }
  fresh_.value = std::move(kept.back());
  if (equal_constant_time(fresh_.value, first.value)) return;
  if (declared_.probe && !becomes(first, TokenState::invalid))
    wrong("issue: repeated, it makes another token");
}

void Checkup::check_find() {
  if (!declared_.find) return;
  if (fresh_.id.empty()) return wrong("find: nothing names the new token, so it cannot be told from others");
  const auto made = find(rotation_);
  if (made && std::ranges::find(*made, fresh_.id) == made->end())
    wrong("find: the new token is not among those of its rotation");
  if (made && !old_.id.empty() && std::ranges::find(*made, old_.id) != made->end())
    wrong("find: the old token is among those of the rotation");
  const auto others = find(new_rotation());
  if (others && !others->empty()) wrong("find: it finds tokens of a rotation that never was");
}

void Checkup::check_revoke() {
  if (!declared_.revoke) return;
  if (revoke(old_, false) != Reply::done) return wrong("revoke: it is not done");
  check_revoked();
  // A token that was never received is known by its id alone.
  const bool by_id = declared_.find && !old_.id.empty();
  if (revoke(old_, by_id) != Reply::done) wrong("revoke: repeated, it is not done");
  if (declared_.probe && !becomes(fresh_, TokenState::valid)) wrong("revoke: it ended the token in use");
}

void Checkup::check_revoked() {
  if (declared_.probe && !becomes(old_, TokenState::invalid))
    wrong("revoke: what was revoked is still valid");
}

/// It exists nowhere else now.
void Checkup::check_late() {
  for (const auto& handed : handed_) {
    if (handed->empty()) continue;
    wrong("issue: it hands over a token after it returned");
    fresh_.value = std::move(handed->back());
  }
}

/// What a caller has to go on with.
SecretBuffer Checkup::best() {
  if (fresh_.value.empty()) return std::move(old_.value);
  if (!declared_.probe) return std::move(fresh_.value);
  const auto fresh = probe(fresh_), old = probe(old_);
  const bool old_only =
      fresh && fresh->state == TokenState::invalid && old && old->state == TokenState::valid;
  return old_only ? std::move(old_.value) : std::move(fresh_.value);
}

}  // namespace tokenvault::rotation
