#pragma once
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

namespace tokenvault::test {

/// Lets one of several threads run at a time, each to its next stop; who is next is chosen from outside, so that a
/// run can be repeated and every order be tried.
class Turns {
 public:
  explicit Turns(std::size_t threads) : where_(threads, Where::running) {}

  /// A thread stops here until it is let go on.
  void stop(std::size_t who) {
    std::unique_lock lock(mutex_);
    where_[who] = Where::stopped;
    changed_.notify_all();
    changed_.wait(lock, [&] { return where_[who] == Where::running; });
  }
  void end(std::size_t who) {
    const std::scoped_lock lock(mutex_);
    where_[who] = Where::ended;
    changed_.notify_all();
  }

  /// Those that can go on, once all have stopped or ended.
  std::vector<std::size_t> stopped() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] {
      for (const auto where : where_)
        if (where == Where::running) return false;
      return true;
    });
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < where_.size(); ++i)
      if (where_[i] == Where::stopped) found.push_back(i);
    return found;
  }
  void let(std::size_t who) {
    const std::scoped_lock lock(mutex_);
    where_[who] = Where::running;
    changed_.notify_all();
  }

 private:
  enum class Where { running, stopped, ended };
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Where> where_;
};

/// The choices of one run, and the next run's: depth first over all of them, with at most so many changes from a
/// thread that could have gone on to another.
class Choices {
 public:
  explicit Choices(int most_changes) : most_changes_(most_changes) {}

  /// One of `able`; the one that ran last where that is among them and no change is left or wanted.
  std::size_t choose(const std::vector<std::size_t>& able) {
    std::vector<std::size_t> order;
    bool goes_on = false;
    for (const auto who : able)
      if (who == last_) order.push_back(who), goes_on = true;
    for (const auto who : able)
      if (who != last_ && (!goes_on || changes_ < most_changes_)) order.push_back(who);
    if (at_ == taken_.size()) taken_.push_back({0, order.size()});
    taken_[at_].second = order.size();
    const auto place = taken_[at_++].first;
    if (goes_on && place != 0) ++changes_;
    last_ = order[place];
    return last_;
  }
  /// False when every run was made.
  bool next_run() {
    at_ = 0;
    changes_ = 0;
    last_ = kNobody;
    while (!taken_.empty() && taken_.back().first + 1 == taken_.back().second) taken_.pop_back();
    if (taken_.empty()) return false;
    ++taken_.back().first;
    return true;
  }

 private:
  static constexpr std::size_t kNobody = SIZE_MAX;
  int most_changes_;
  int changes_ = 0;
  std::size_t at_ = 0, last_ = kNobody;
  std::vector<std::pair<std::size_t, std::size_t>> taken_;  ///< which, of how many
};

}  // namespace tokenvault::test
