// The provider's side of the model: each call with all that may become of it.
#include "world.hpp"

namespace tokenvault::test {

using namespace rotation;

/// What the provider does when it is asked for a new token; false where it refuses.
bool WorldSteps::mint(World& world, std::uint8_t old, std::uint8_t who, std::uint8_t& made) const {
  const auto rotation = world.actors[who].rotation;
  if (model_->issue == Issue::replay_safe)
    for (std::uint8_t i = 0; i < kTokens; ++i)
      if (world.tokens[i].made && world.tokens[i].rotation == rotation && i != 0) {
        made = i;
        return true;
      }
  if (!world.tokens[old].live) {
    if (model_->reuse_kills)
      for (auto& token : world.tokens) token.live = false;
    return false;
  }
  made = static_cast<std::uint8_t>(++world.made);
  auto& fresh = world.tokens.at(made);
  fresh.made = fresh.live = true;
  fresh.rotation = rotation;
  if (model_->old == OldToken::dies) world.tokens[old].live = false;
  if (model_->one_previous)
    for (std::uint8_t i = 0; i < kTokens; ++i)
      if (i != old && i != made) world.tokens[i].live = false;
  return true;
}

void WorldSteps::look(const World& world, std::uint8_t who, Worlds& out) const {
  const auto said = [&](Opinion opinion) {
    auto next = world;
    auto& actor = next.actors[who];
    const bool good = opinion == Opinion::valid || model_->issue == Issue::replay_safe;
    actor.step = good ? Step::issue : Step::answered;
    actor.answer = Act::refused;
    if (!good) actor.old_opinion = opinion;
    if (opinion == Opinion::unknown) ++next.faults;
    out.push_back(next);
  };
  said(world.tokens[world.actors[who].old].live ? Opinion::valid : Opinion::invalid);
  if (has_fault(world)) said(Opinion::unknown);
}

void WorldSteps::issue(const World& world, std::uint8_t who, Worlds& out) const {
  auto done = world;
  ++done.actors[who].issues;
  std::uint8_t made = kNothing;
  const bool minted = mint(done, world.actors[who].old, who, made);
  auto& actor = done.actors[who];
  actor.step = minted ? Step::keep : Step::answered;
  actor.answer = Act::refused;
  auto lost = done;
  if (minted) {
    actor.token = made;
    // The same token again is in the vault perhaps.
    if (done.tokens[made].place == Place::nowhere) done.tokens[made].place = Place::hand;
  }
  out.push_back(done);
  if (!has_fault(world)) return;
  ++lost.faults;  // the answer is lost
  lost.actors[who].step = Step::answered;
  lost.actors[who].answer = Act::lost;
  out.push_back(lost);
  for (const auto answer : {Act::lost, Act::refused}) {
    auto unheard = world;
    ++unheard.faults;
    ++unheard.actors[who].issues;
    unheard.actors[who].step = Step::answered;
    unheard.actors[who].answer = answer;
    out.push_back(unheard);
  }
}

void WorldSteps::probe(const World& world, std::uint8_t who, Worlds& out) const {
  const auto said = [&](bool unknown) {
    auto next = world;
    auto& actor = next.actors[who];
    const auto of = [&](std::uint8_t token) {
      if (unknown) return Opinion::unknown;
      return next.tokens[token].live ? Opinion::valid : Opinion::invalid;
    };
    if (unknown) ++next.faults;
    if (actor.step == Step::probe_fresh) {
      actor.fresh_opinion = of(actor.fresh);
      actor.step = Step::probe_old;
    } else if (actor.step == Step::probe_old) {
      actor.old_opinion = of(actor.old);
      actor.step = Step::probed;
    } else {
      actor.current = next.current();
      actor.fresh_opinion = of(actor.current);
      actor.step = Step::current_probed;
    }
    out.push_back(next);
  };
  said(false);
  if (has_fault(world)) said(true);
}

void WorldSteps::sweep(const World& world, std::uint8_t who, Worlds& out) const {
  auto next = world;
  for (auto& token : next.tokens)
    if (token.made && token.rotation == world.actors[who].rotation && &token != next.tokens.data())
      token.live = false;
  next.actors[who].step = Step::swept;
  next.actors[who].answer = Act::swept;
  out.push_back(next);
  if (!has_fault(world)) return;
  for (auto doubt : {next, world}) {
    ++doubt.faults;
    doubt.actors[who].step = Step::swept;
    doubt.actors[who].answer = Act::probed;  // with the old one unknown
    out.push_back(doubt);
  }
}

/// One token that is owed and was not tried yet, or what was made unseen.
void WorldSteps::revoke(const World& world, std::uint8_t who, Worlds& out) const {
  auto next = world;
  auto& actor = next.actors[who];
  actor.token = kNothing;
  actor.unseen_now = false;
  for (std::uint8_t i = 0; i < kTokens && actor.token == kNothing; ++i)
    if (world.tokens[i].owed && (actor.tried >> i & 1) == 0) actor.token = i;
  if (actor.token == kNothing && world.unseen != 0 && !actor.unseen_tried) actor.unseen_now = true;
  if (actor.token == kNothing && !actor.unseen_now) {
    actor.step = Step::not_revoked;
    out.push_back(next);
    return;
  }
  auto failed = next;
  bool done = true;
  if (actor.token != kNothing) {
    next.tokens[actor.token].live = actor.token == next.current() && next.tokens[actor.token].live;
    actor.tried = static_cast<std::uint8_t>(actor.tried | 1U << actor.token);
  } else {
    done = model_->find;
    actor.unseen_tried = true;
    for (std::uint8_t i = 1; i < kTokens && done; ++i)
      if (next.tokens[i].made && (world.unseen >> next.tokens[i].rotation & 1) != 0 && i != actor.current)
        next.tokens[i].live = false;
  }
  actor.step = done ? Step::revoked : Step::revoke;
  out.push_back(next);
  if (!has_fault(world)) return;
  for (auto doubt : {next, failed}) {
    ++doubt.faults;
    doubt.actors[who].tried = next.actors[who].tried;
    doubt.actors[who].unseen_tried = next.actors[who].unseen_tried;
    doubt.actors[who].step = Step::revoke;
    out.push_back(doubt);
  }
}

}  // namespace tokenvault::test
