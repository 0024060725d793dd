// The driver and the provider as the machine sees them, one atomic step at a time.
#include "world.hpp"

namespace tokenvault::test {

using namespace rotation;

namespace {

/// As the driver has it: lost answers are asked for once more at once.
constexpr std::uint8_t kMostIssues = 2;

bool owes(const World& world) {
  bool any = world.unseen != 0;
  for (const auto& token : world.tokens) any = any || token.owed;
  return any;
}

std::uint8_t bit(std::uint8_t place) { return static_cast<std::uint8_t>(1U << place); }

/// Its own goal: a rotator's is the promotion, everybody else's the end.
bool is_reached(Kind kind, const State& state, Effect effect) {
  if (kind == Kind::rotator) return state.phase == Phase::promoted || state.phase == Phase::done;
  return !is_open(state.phase) && effect == Effect::none;
}

}  // namespace

std::uint8_t World::current() const {
  for (std::uint8_t i = 0; i < kTokens; ++i)
    if (tokens[i].place == Place::current) return i;
  return kNothing;
}

bool World::lives(std::uint8_t actor) const {
  return actors[actor].step != Step::dead && actors[actor].step != Step::over;
}

World WorldSteps::first(Kind third) {
  World world;
  world.tokens[0].made = world.tokens[0].live = true;
  world.tokens[0].place = Place::current;
  world.actors[2].kind = third;
  return world;
}

Terms WorldSteps::terms(const World& world, std::uint8_t who) const {
  Terms terms;
  terms.issue = model_->issue;
  terms.old = model_->old;
  terms.find = model_->find && model_->revoke;
  terms.revoke = model_->revoke;
  terms.grace = grace_;
  terms.holder_lives = world.holder != kNothing && world.holder != who && world.lives(world.holder);
  return terms;
}

std::vector<World> WorldSteps::after(const World& world) const {
  Worlds out;
  for (std::uint8_t who = 0; who < kActors; ++who) {
    if (!world.lives(who)) continue;
    step(world, who, out);
    if (world.deaths == bounds_.deaths) continue;
    auto next = world;
    ++next.deaths;
    auto& dead = next.actors[who];
    if (dead.step == Step::keep) next.tokens[dead.token].place = Place::nowhere;
    const auto kind = dead.kind;
    dead = {};
    dead.kind = kind;
    dead.step = Step::dead;
    out.push_back(next);
  }
  return out;
}

World WorldSteps::resumed(World world) const {
  const WorldSteps calm(*model_, grace_, {0, 0});
  for (auto& actor : world.actors) actor = {.kind = Kind::resumer, .step = Step::dead};
  world.actors[0].step = Step::begin;
  for (int turn = 0; turn < 64 && world.lives(0); ++turn) {
    const auto next = calm.after(world);
    world = next.front();
  }
  return world;
}

void WorldSteps::step(const World& world, std::uint8_t who, Worlds& out) const {
  auto next = world;
  auto& actor = next.actors[who];
  switch (actor.step) {
    case Step::look_first: return look(world, who, out);
    case Step::issue: return issue(world, who, out);
    case Step::probe_fresh:
    case Step::probe_old:
    case Step::probe_current: return probe(world, who, out);
    case Step::sweep: return sweep(world, who, out);
    case Step::revoke: return revoke(world, who, out);
    case Step::begin: begin(next, who); break;
    case Step::begin_anew: commit(next, who, {Act::start}); break;
    case Step::keep:
      (void)apply(next, who, {Act::received});
      actor.step = Step::kept;
      break;
    case Step::kept: commit(next, who, {Act::take_up}); break;
    case Step::answered: commit(next, who, {actor.answer, actor.old_opinion}); break;
    case Step::probed: {
      const auto act = actor.kind == Kind::aborter ? Act::abort : Act::probed;
      commit(next, who, {act, actor.old_opinion, actor.fresh_opinion});
      break;
    }
    case Step::claim: commit(next, who, {Act::claim}); break;
    case Step::swept: commit(next, who, {actor.answer, Opinion::unknown}); break;
    case Step::current_probed: commit(next, who, {Act::probed, Opinion::none, actor.fresh_opinion}); break;
    case Step::revoked: commit(next, who, {Act::revoked}); break;
    case Step::not_revoked: commit(next, who, {Act::not_revoked}); break;
    case Step::over:
    case Step::dead: return;
  }
  out.push_back(next);
}

void WorldSteps::begin(World& world, std::uint8_t who) const {
  auto& actor = world.actors[who];
  if (actor.kind == Kind::rotator) {
    const auto move = apply(world, who, {Act::take_up});
    const auto phase = world.state.phase;
    if (!is_open(phase) || phase == Phase::retiring) {
      actor.step = Step::begin_anew;
    } else {
      go_on(world, who, move.effect);
    }
    return;
  }
  if (actor.kind == Kind::resumer) return commit(world, who, {Act::take_up});
  actor.rotation = world.rotation;
  actor.fresh = world.fresh;
  actor.old = world.old;
  if (!is_open(world.state.phase)) {
    actor.step = Step::over;
  } else if (world.state.has_new) {
    actor.step = Step::probe_fresh;
  } else {
    commit(world, who, {Act::abort});
  }
}

/// What follows goes into the same commit, as the driver has it.
void WorldSteps::commit(World& world, std::uint8_t who, Event event) const {
  auto move = apply(world, who, event);
  if (move.effect == Effect::call && world.actors[who].issues < kMostIssues) {
    if (const auto next = apply(world, who, {Act::call}); next.allowed) move = next;
  } else if (move.effect == Effect::promote && move.allowed) {
    if (const auto next = apply(world, who, {Act::promote}); next.allowed) move = next;
  }
  go_on(world, who, move.effect);
}

void WorldSteps::go_on(World& world, std::uint8_t who, Effect effect) const {
  auto& actor = world.actors[who];
  actor.rotation = world.rotation;
  actor.fresh = world.fresh;
  actor.old = world.old;
  actor.fresh_opinion = actor.old_opinion = Opinion::none;
  actor.token = kNothing;
  const bool retiring = world.state.phase == Phase::retiring;
  if (actor.kind == Kind::aborter || is_reached(actor.kind, world.state, effect)) {
    actor.step = Step::over;
    return;
  }
  switch (effect) {
    case Effect::call:  // somebody was quicker: look again
      actor.step = actor.issues < kMostIssues ? Step::begin : Step::over;
      break;
    case Effect::issue: actor.step = model_->old == OldToken::dies ? Step::look_first : Step::issue; break;
    case Effect::probe_new:
    case Effect::probe_both:
      actor.step = retiring                  ? Step::probe_current
                   : actor.fresh == kNothing ? Step::probe_old
                                             : Step::probe_fresh;
      break;
    case Effect::promote: actor.step = Step::kept; break;
    case Effect::sweep: actor.step = world.holder == who ? Step::sweep : Step::claim; break;
    case Effect::revoke: actor.step = Step::revoke; break;
    default: actor.step = Step::over;
  }
  if (actor.step == Step::over) actor.tried = 0;
}

Move WorldSteps::apply(World& world, std::uint8_t who, Event event) const {
  const auto& actor = world.actors[who];
  const auto now = terms(world, who);
  const auto before = world.state;
  if (event.act == Act::take_up && before.phase == Phase::promoted) event.act = Act::grace_over;
  bool concerns = true;
  const bool own = event.act != Act::start && event.act != Act::take_up && event.act != Act::call &&
                   event.act != Act::promote && event.act != Act::grace_over;
  if (own) concerns = actor.rotation == world.rotation;
  if (event.act == Act::refused || event.act == Act::lost || event.act == Act::swept)
    concerns = concerns && world.holder == who;
  if (event.act == Act::probed)
    concerns = concerns && (before.phase == Phase::retiring || actor.fresh == world.fresh);
  auto move = concerns ? advance(before, event, now) : Move{};
  if (!move.allowed) {
    if (event.act == Act::received) {
      world.tokens[actor.token].place = Place::retired;
      world.tokens[actor.token].owed = true;
      world.state.owes = true;
    }
    return {false, world.state, effect_of(world.state, now)};
  }
  carry_out(world, who, event, before, move.state);
  world.state = move.state;
  settle(world, event.act, move, now);
  return move;
}

void WorldSteps::settle(World& world, Act act, Move& move, const Terms& terms) const {
  world.state.owes = owes(world);
  const bool owing =
      act == Act::revoked || act == Act::waived || act == Act::grace_over || act == Act::promote;
  if (owing) {
    auto& phase = world.state.phase;
    if (phase == Phase::retiring && !world.state.owes) phase = Phase::done;
    if (phase == Phase::done && world.state.owes && terms.revoke) phase = Phase::retiring;
    if (phase == Phase::done) world.state.asks = false;
    const bool more = act == Act::revoked && phase == Phase::retiring;
    move.effect = more ? Effect::revoke : effect_of(world.state, terms);
  }
  move.state = world.state;
}

void WorldSteps::carry_out(World& world, std::uint8_t who, Event event, const State& before,
                           const State& next) const {
  auto& actor = world.actors[who];
  const bool begins = event.act == Act::start && next.phase == Phase::intent &&
                      (!is_open(before.phase) || before.phase == Phase::retiring);
  if (begins) {
    ++world.rotation;
    world.holder = world.fresh = kNothing;
    world.old = world.current();
    return;
  }
  switch (event.act) {
    case Act::call:
    case Act::claim: world.holder = who; return;
    case Act::start:
    case Act::take_up:
    case Act::lost:
      if (before.phase == Phase::issuing && next.phase == Phase::uncertain) world.holder = kNothing;
      return;
    case Act::refused:
    case Act::swept:
    case Act::discard: world.holder = kNothing; return;
    case Act::received:
      world.tokens[actor.token].place = Place::pending;
      world.fresh = actor.token;
      world.holder = kNothing;
      return;
    case Act::probed:
      if (world.holder == who) world.holder = kNothing;
      return;
    case Act::promote:
      for (auto& token : world.tokens)
        if (token.place == Place::previous) token.place = Place::retired;
      if (model_->old != OldToken::dies) world.tokens[world.old].owed = true;
      world.tokens[world.old].place = Place::previous;
      world.tokens[world.fresh].place = Place::current;
      return;
    case Act::grace_over:
      if (world.tokens[world.old].place == Place::previous) world.tokens[world.old].place = Place::retired;
      return;
    case Act::revoked:
      if (actor.unseen_now) world.unseen = 0;
      if (actor.token != kNothing) world.tokens[actor.token].owed = false;
      return;
    case Act::abort: {
      const bool unseen = before.phase == Phase::issuing || before.phase == Phase::uncertain;
      world.holder = kNothing;
      if (before.has_new) {
        world.tokens[world.fresh].place = Place::retired;
        world.tokens[world.fresh].owed = true;
      } else if (unseen) {
        world.unseen = static_cast<std::uint8_t>(world.unseen | bit(world.rotation));
      }
      return;
    }
    default: return;
  }
}

}  // namespace tokenvault::test
