#include "rotation/fake_table.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <new>
#include <span>

namespace tokenvault::rotation {
namespace {

constexpr std::size_t kMostTokens = 4096;

std::string id_at(std::size_t place) { return fmt::format("id{}", place + 1); }

}  // namespace

struct FakeTable::Shared {
  pthread_mutex_t mutex;
  std::uint64_t calls, made;
  std::size_t size;
  FakeToken tokens[kMostTokens];

  std::span<FakeToken> all() { return {tokens, size}; }
};

class FakeTable::Lock {
 public:
  explicit Lock(Shared& shared) noexcept : mutex_(shared.mutex) {
    if (pthread_mutex_lock(&mutex_) == EOWNERDEAD) pthread_mutex_consistent(&mutex_);
  }
  ~Lock() { pthread_mutex_unlock(&mutex_); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  pthread_mutex_t& mutex_;
};

FakeTable::FakeTable() {
  void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) std::abort();  // a test has nothing better to do without memory
  shared_ = new (memory) Shared{};
  pthread_mutexattr_t kind;
  pthread_mutexattr_init(&kind);
  pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&shared_->mutex, &kind);
  pthread_mutexattr_destroy(&kind);
}

FakeTable::~FakeTable() { munmap(shared_, sizeof(Shared)); }

std::uint64_t FakeTable::count_call() {
  const Lock lock(*shared_);
  return ++shared_->calls;
}

std::uint64_t FakeTable::calls() const {
  const Lock lock(*shared_);
  return shared_->calls;
}

std::uint64_t FakeTable::made() const {
  const Lock lock(*shared_);
  return shared_->made;
}

std::uint64_t FakeTable::count_live(std::int64_t now) const {
  const Lock lock(*shared_);
  const auto count =
      std::ranges::count_if(shared_->all(), [&](const FakeToken& token) { return token.ends > now; });
  return static_cast<std::uint64_t>(count);
}

FakeToken* FakeTable::search(std::string_view value) const {
  for (auto& token : shared_->all())
    if (token.text() == value) return &token;
  return nullptr;
}

std::optional<FakeToken> FakeTable::find(std::string_view value) const {
  const Lock lock(*shared_);
  const auto* found = search(value);
  return found == nullptr ? std::nullopt : std::optional(*found);
}

std::string FakeTable::id_of(std::string_view value) const {
  const Lock lock(*shared_);
  const auto* found = search(value);
  return found == nullptr ? std::string() : id_at(static_cast<std::size_t>(found - shared_->tokens));
}

std::vector<std::string> FakeTable::ids_of(std::string_view rotation, std::int64_t now) const {
  const Lock lock(*shared_);
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < shared_->size; ++i)
    if (rotation == shared_->tokens[i].rotation && shared_->tokens[i].ends > now) ids.push_back(id_at(i));
  return ids;
}

void FakeTable::end(std::string_view value, std::string_view id) {
  const Lock lock(*shared_);
  for (std::size_t i = 0; i < shared_->size; ++i) {
    auto& token = shared_->tokens[i];
    if (value.empty() ? id_at(i) == id : token.text() == value) token.ends = 0;
  }
}

bool FakeTable::see(std::string_view value, std::int64_t now) {
  const Lock lock(*shared_);
  auto* token = search(value);
  if (token == nullptr || token->ends <= now) return false;
  if (token->unseen == 0) return true;
  --token->unseen;
  return false;
}

FakeToken& FakeTable::append(std::string_view value, std::string_view rotation) {
  if (shared_->size == kMostTokens) std::abort();
  auto& token = shared_->tokens[shared_->size];
  token = {};
  value.copy(token.value, sizeof token.value - 1);
  rotation.copy(token.rotation, sizeof token.rotation - 1);
  token.ends = kForever;
  ++shared_->size;
  return token;
}

void FakeTable::add(std::string_view value, std::string_view rotation) {
  const Lock lock(*shared_);
  append(value, rotation);
}

void FakeTable::end_others(const FakeToken* one, const FakeToken* other) {
  for (auto& token : shared_->all())
    if (&token != one && &token != other) token.ends = 0;
}

std::optional<FakeToken> FakeTable::make(const Making& making) {
  const Lock lock(*shared_);
  if (making.replay)
    for (const auto& token : shared_->all())
      if (making.rotation == token.rotation) return token;
  auto* old = search(making.old);
  if (old == nullptr || old->ends <= making.now) {
    if (making.reuse_kills) end_others(nullptr, nullptr);
    return std::nullopt;
  }
  if (making.same_value) return *old;
  auto& fresh = append(making.value, making.rotation);
  fresh.unseen = making.unseen;
  fresh.foreign = making.foreign;
  ++shared_->made;
  old->ends = std::min(old->ends, making.old_ends);
  if (making.one_previous) end_others(old, &fresh);
  return fresh;
}

}  // namespace tokenvault::rotation
