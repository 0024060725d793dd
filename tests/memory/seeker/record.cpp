#include "record.hpp"

#include <unistd.h>

#include <sstream>

#include "refusal.hpp"

namespace tokenvault::seeker {
namespace {

std::string place_of(const Sighting& sighting) {
  if (sighting.mapping == nullptr) return "registers";
  if (sighting.arena) return "arena";
  return sighting.mapping->name.empty() ? "anonymous" : sighting.mapping->name;
}

}  // namespace

void Record::see(const Sighting& sighting, std::uint64_t stop, const std::string& call, bool is_last) {
  const std::string place = place_of(sighting);
  const auto [at, is_new] = seen_.try_emplace({sighting.label, place},
                                              Times{0, stop, stop, call, sighting.address, sighting.locked});
  Times& times = at->second;
  ++times.times;
  times.last = stop;
  times.locked = times.locked && sighting.locked;
  const std::string& label = needles_.label(sighting.label);
  if (is_last) left_.emplace(label.substr(0, label.find(' ')), place);
}

void Record::write(int fd) const {
  std::ostringstream out;
  for (const auto& [key, times] : seen_) {
    std::string label = needles_.label(key.first);
    label[label.find(' ')] = '\t';
    out << "seen\t" << label << '\t' << key.second << '\t' << times.times << '\t' << times.first << '\t'
        << times.last << '\t' << times.call << '\t' << std::hex << times.address << std::dec << '\t'
        << times.locked << '\n';
  }
  for (const auto& [secret, place] : left_) out << "left\t" << secret << '\t' << place << '\n';
  for (const auto& [what, times] : handed_)
    out << "handed\t" << what.first << '\t' << what.second << '\t' << times << '\n';
  for (const auto& [name, number] : totals_) out << "total\t" << name << '\t' << number << '\n';
  out << "ended\t" << ended_ << '\n';
  const std::string text = out.str();
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t wrote = ::write(fd, text.data() + done, text.size() - done);
    if (wrote <= 0) refuse("report");
    done += static_cast<std::size_t>(wrote);
  }
}

}  // namespace tokenvault::seeker
