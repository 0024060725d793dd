// Every order of the steps of three processes on one token, with calls that fail and processes that die at any
// point: the machine and a model of the driver and the provider, searched to the end.
#include <cstdio>
#include <cstring>
#include <deque>
#include <string>
#include <unordered_map>

#include "world.hpp"

using namespace tokenvault;
using namespace tokenvault::test;
using namespace tokenvault::rotation;

namespace {

std::string key_of(const World& world) {
  std::string key(sizeof world, '\0');
  std::memcpy(key.data(), &world, sizeof world);
  return key;
}

bool is_calm(const World& world) { return world.faults == 0 && world.deaths == 0; }

/// Tokens that the provider takes and that neither the vault nor anybody who lives nor the entry knows of.
bool is_unknown(const World& world, const ModelToken& token) {
  if (!token.live || token.place != Place::nowhere) return false;
  const bool asked = (world.state.phase == Phase::issuing || world.state.phase == Phase::uncertain) &&
                     token.rotation == world.rotation;
  return !asked && (world.unseen >> token.rotation & 1) == 0;
}

std::string fault_of(const World& world, const ProviderModel& model) {
  int asking = 0;
  for (const auto& actor : world.actors)
    asking += actor.step == Step::issue || actor.step == Step::look_first ? 1 : 0;
  if (asking > 1) return "two are asking for a token at once";
  if (is_calm(world) && world.made > world.rotation)
    return "two tokens in one rotation, though nothing failed";
  bool delivered = false, servable = false;
  for (const auto& token : world.tokens) {
    if (is_unknown(world, token)) return "a token that lives and that nobody knows of";
    if (token.live && token.place != Place::nowhere) delivered = true;
    if (token.live && token.place > Place::hand) servable = true;
    if (token.live && token.place == Place::hand) servable = true;  // its keeper lives
    if (token.live && token.place == Place::retired && !token.owed && token.rotation != 0)
      return "a token of ours that lives and is not owed";
  }
  if (delivered && !servable) return "the provider takes a token, and the vault has none";
  const auto current = world.current();
  if (current == kNothing) return "no current token";
  if (model.old != OldToken::dies && !world.tokens[current].live) return "the current token is dead";
  return {};
}

std::string fault_at_end(const World& world, const WorldSteps& steps) {
  const auto end = steps.resumed(world);
  if (end.lives(0)) return "somebody who comes along does not come to an end";
  const auto& state = end.state;
  if (is_open(state.phase) && !state.asks && state.phase != Phase::promoted && state.phase != Phase::retiring)
    return "it stays open, and nobody is asked";
  const bool closed = !is_open(state.phase);
  bool other = false;
  for (const auto& token : end.tokens)
    other = other || (token.live && token.place != Place::nowhere && token.place != Place::current);
  if (closed && state.phase == Phase::done && !end.tokens[end.current()].live && other)
    return "done, with a dead token in use and a good one aside";
  // The grace is over at the second visit.
  const auto late = steps.resumed(end), later = steps.resumed(late);
  if (!(later.state == late.state) || later.made != end.made) return "one more visit changes something";
  return {};
}

struct Search {
  std::size_t worlds = 0, ends = 0;
  std::string fault;
};

Search search(const ProviderModel& model, bool grace, Bounds bounds, Kind third) {
  const WorldSteps steps(model, grace, bounds);
  Search result;
  std::unordered_map<std::string, char> known;
  std::deque<World> open{WorldSteps::first(third)};
  known.emplace(key_of(open.front()), 0);
  while (!open.empty() && result.fault.empty()) {
    const auto world = open.front();
    open.pop_front();
    ++result.worlds;
    result.fault = fault_of(world, model);
    const auto next = steps.after(world);
    if (next.empty()) {
      ++result.ends;
      if (result.fault.empty()) result.fault = fault_at_end(world, steps);
    }
    for (const auto& other : next)
      if (known.emplace(key_of(other), 0).second) open.push_back(other);
  }
  return result;
}

void check_all(Kind third, Bounds bounds) {
  std::size_t worlds = 0, ends = 0;
  for (const auto& model : kModels)
    for (const bool grace : {false, true}) {
      CAPTURE(std::string(model.name));
      CAPTURE(grace);
      const auto found = search(model, grace, bounds, third);
      CHECK(found.fault == "");
      worlds += found.worlds;
      ends += found.ends;
    }
  std::printf("%d faults, %d deaths at most: %zu worlds, %zu ends\n", bounds.faults, bounds.deaths, worlds,
              ends);
}

}  // namespace

TEST_CASE("two rotators and one who resumes, in every order, when all goes well") {
  check_all(Kind::resumer, {0, 0});
}

TEST_CASE("two rotators and one who resumes, in every order, with a death") {
  check_all(Kind::resumer, {0, 1});
}

TEST_CASE("two rotators and one who resumes, in every order, with a fault") {
  check_all(Kind::resumer, {1, 0});
}

TEST_CASE("two rotators and one who gives up, in every order, with a fault or a death") {
  check_all(Kind::aborter, {1, 0});
  check_all(Kind::aborter, {0, 1});
}
