#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace tokenvault::bench {

template <typename F>
double seconds(F&& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

inline double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// Runs ours and the floor in turn, `rounds` times, `count` operations a time, and prints the median
/// cost of each and the median of the ratios.
template <typename Ours, typename Floor>
double compare(const std::string& what, double bound, int rounds, int count, Ours&& ours, Floor&& floor) {
  std::vector<double> ratios, costs, floors;
  ours();
  floor();
  for (int round = 0; round < rounds; ++round) {
    costs.push_back(seconds(ours) / count);
    floors.push_back(seconds(floor) / count);
    ratios.push_back(costs.back() / floors.back());
  }
  const double ratio = median(ratios);
  fmt::print("{:<58} {:>10.3f} us {:>10.3f} us   {:>5.2f} x  (bound {:.2f}) {}\n", what, median(costs) * 1e6,
             median(floors) * 1e6, ratio, bound, ratio <= bound ? "" : " OVER");
  return ratio;
}

}  // namespace tokenvault::bench
