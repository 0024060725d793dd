#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "image.hpp"

namespace tokenvault::seeker {

/// What a whole run showed, in lines of words between tabs:
///   seen   SECRET FORM PLACE TIMES FIRST LAST CALL ADDRESS LOCKED     where a piece was, from which stop to which
///   left   SECRET PLACE                                   what was there when the process was at rest, or ended
///   handed CALL TARGET TIMES                              what was written out of secret memory
///   total  NAME NUMBER
///   ended  exit|signal NUMBER
class Record {
 public:
  explicit Record(const Needles& needles) : needles_(needles) {}

  void see(const Sighting& sighting, std::uint64_t stop, const std::string& call, bool is_last);
  void hand(const std::string& call, const std::string& target) { ++handed_[{call, target}]; }
  void count(const std::string& name, std::uint64_t number) { totals_[name] += number; }
  void end(const std::string& how, int number) { ended_ = how + '\t' + std::to_string(number); }
  void write(int fd) const;

 private:
  struct Times {
    std::uint64_t times = 0;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::string call;
    std::uint64_t address = 0;
    bool locked = false;
  };

  const Needles& needles_;
  std::map<std::pair<std::uint32_t, std::string>, Times> seen_;
  std::set<std::pair<std::string, std::string>> left_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> handed_;
  std::map<std::string, std::uint64_t> totals_;
  std::string ended_;
};

}  // namespace tokenvault::seeker
