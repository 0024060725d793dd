#pragma once
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <random>
#include <string>

#include "concurrency/client_place.hpp"
#include "concurrency/diary.hpp"
#include "concurrency/liar.hpp"

namespace tokenvault::test {

/// What one thread of a client has to do.
struct Task {
  std::string mode, place, name;
  int count = 0, threads = 1;
  std::chrono::milliseconds timeout{10'000}, pause{0};
  bool one_vault = false;  ///< for all threads of the process
};

inline std::unique_ptr<Store> open_place(const Task& task) {
  auto store = open_client_place(task.place, task.timeout).value();
  const auto lie = setting("CLIENT_LIE");
  if (lie.empty()) return store;
  return std::make_unique<Liar>(std::move(store), lie);
}

/// The same in each run.
inline std::mt19937 dice_of(const Task& task) {
  std::seed_seq seed(task.name.begin(), task.name.end());
  return std::mt19937(seed);
}

/// False when stdin has ended; otherwise after `pause`, which keeps what fails at once from filling the diary.
inline bool goes_on(std::chrono::milliseconds pause) {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  return ::poll(&input, 1, static_cast<int>(pause.count())) == 0;
}

/// As often as the task wants it, `step` with its number; it says whether all went well.
template <typename Step>
void repeat(const Task& task, Step step) {
  bool well = true;
  for (int i = 0; i < task.count && goes_on(well ? task.pause : std::chrono::milliseconds(50)); ++i)
    well = step(i);
}

}  // namespace tokenvault::test
