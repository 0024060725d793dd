#pragma once
#include <array>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "rotation/machine.hpp"
#include "support/rotation_fixture.hpp"

namespace tokenvault::test {

inline constexpr std::uint8_t kNothing = 0xFF;
inline constexpr std::size_t kActors = 3;
inline constexpr std::size_t kTokens = 6;

enum class Place : std::uint8_t { nowhere, hand, pending, current, previous, retired };

/// One token as it is at the provider and in the vault.
struct ModelToken {
  bool made = false, live = false, owed = false;
  Place place = Place::nowhere;
  std::uint8_t rotation = 0;
};

/// Where somebody stands: the next thing that happens, if it is let.
enum class Step : std::uint8_t {
  begin,
  begin_anew,  ///< a rotator that found nothing open
  look_first,  ///< at the old token, where it dies when a new one is made
  issue,
  keep,
  kept,
  answered,  ///< without a token
  probe_fresh,
  probe_old,
  probed,
  claim,
  sweep,
  swept,
  probe_current,
  current_probed,
  revoke,
  revoked,
  not_revoked,
  over,
  dead,
};

enum class Kind : std::uint8_t { rotator, resumer, aborter };

/// A process with what it has in its own memory.
struct Actor {
  Kind kind = Kind::rotator;
  Step step = Step::begin;
  rotation::Act answer = rotation::Act::lost;
  std::uint8_t token = kNothing;  ///< in its hand, or about to be revoked
  std::uint8_t rotation = 0;      ///< as of its last look
  std::uint8_t fresh = kNothing, old = 0, current = 0;
  rotation::Opinion fresh_opinion = rotation::Opinion::none, old_opinion = rotation::Opinion::none;
  std::uint8_t issues = 0;
  std::uint8_t tried = 0;  ///< tokens that it could not revoke, a bit each
  bool unseen_tried = false, unseen_now = false;
  bool operator==(const Actor&) const = default;
};

/// All that there is: one entry, one provider, three processes. Plain bytes, so that it is its own key.
struct World {
  rotation::State state;
  std::uint8_t holder = kNothing;
  std::uint8_t rotation = 0;  ///< how many were begun
  std::uint8_t fresh = kNothing, old = 0;
  std::uint8_t unseen = 0;  ///< rotations that may have made one unseen: owed, a bit each
  std::uint8_t made = 0;    ///< by the provider
  std::uint8_t faults = 0, deaths = 0;
  std::array<ModelToken, kTokens> tokens;
  std::array<Actor, kActors> actors;

  [[nodiscard]] std::uint8_t current() const;
  [[nodiscard]] bool lives(std::uint8_t actor) const;
};
static_assert(std::has_unique_object_representations_v<World>);

/// How much may go wrong at most.
struct Bounds {
  std::uint8_t faults, deaths;
};

/// The worlds that `world` may become by one step of one of its processes, or by the death of one.
class WorldSteps {
 public:
  WorldSteps(const ProviderModel& model, bool grace, Bounds bounds)
      : model_(&model), grace_(grace), bounds_(bounds) {}

  [[nodiscard]] static World first(Kind third);
  [[nodiscard]] std::vector<World> after(const World& world) const;
  /// With everybody gone and nothing going wrong: what somebody who comes along makes of it.
  [[nodiscard]] World resumed(World world) const;

 private:
  using Worlds = std::vector<World>;
  [[nodiscard]] rotation::Terms terms(const World& world, std::uint8_t who) const;
  void step(const World& world, std::uint8_t who, Worlds& out) const;
  void issue(const World& world, std::uint8_t who, Worlds& out) const;
  void look(const World& world, std::uint8_t who, Worlds& out) const;
  void probe(const World& world, std::uint8_t who, Worlds& out) const;
  void sweep(const World& world, std::uint8_t who, Worlds& out) const;
  void revoke(const World& world, std::uint8_t who, Worlds& out) const;
  void begin(World& world, std::uint8_t who) const;
  void commit(World& world, std::uint8_t who, rotation::Event event) const;
  rotation::Move apply(World& world, std::uint8_t who, rotation::Event event) const;
  void carry_out(World& world, std::uint8_t who, rotation::Event event, const rotation::State& before,
                 const rotation::State& next) const;
  void settle(World& world, rotation::Act act, rotation::Move& move, const rotation::Terms& terms) const;
  void go_on(World& world, std::uint8_t who, rotation::Effect effect) const;
  [[nodiscard]] bool mint(World& world, std::uint8_t old, std::uint8_t who, std::uint8_t& made) const;
  [[nodiscard]] bool has_fault(const World& world) const { return world.faults < bounds_.faults; }

  const ProviderModel* model_;
  bool grace_;
  Bounds bounds_;
};

}  // namespace tokenvault::test
