#include "rotation/holder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <string_view>

#include "core/mutant.hpp"
#include "rotation/span.hpp"

namespace tokenvault::rotation {
namespace {

constexpr int kStartField = 22;  // proc(5), /proc/PID/stat

/// What the system shows of a process, or nothing where there is none.
std::string_view read_stat(std::uint32_t pid, std::array<char, 1024>& room) {
  const int fd = open(fmt::format("/proc/{}/stat", pid).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  const auto size = read(fd, room.data(), room.size());
  close(fd);
  return {room.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

/// Of another user's process the system may show nothing (proc(5), hidepid), but that signals are refused.
bool is_hidden(std::uint32_t pid) {
  return kill(static_cast<pid_t>(pid), 0) != 0 && errno == EPERM && !mutated("holder.hidden");
}

/// In clock ticks since the machine started; 0 when there is no such process, or one that has ended and
/// was not yet collected; nothing where it is hidden from us.
std::optional<std::uint64_t> start_of(std::uint32_t pid) {
  std::array<char, 1024> room{};
  auto stat = read_stat(pid, room);
  if (stat.empty() && is_hidden(pid)) return std::nullopt;
  const auto name_end = stat.rfind(')');  // the name before it may hold anything
  if (name_end == std::string_view::npos || name_end + 2 >= stat.size()) return 0;
  stat.remove_prefix(name_end + 2);
  if (!mutated("holder.zombie") && (stat.front() == 'Z' || stat.front() == 'X')) return 0;
  for (int field = 3; field < kStartField; ++field) {
    const auto space = stat.find(' ');
    if (space == std::string_view::npos) return 0;
    stat.remove_prefix(space + 1);
  }
  std::uint64_t start = 0;
  std::from_chars(stat.data(), stat.data() + stat.size(), start);
  return start;
}

std::uint64_t pid_space() {
  struct stat about = {};
  return stat("/proc/self/ns/pid", &about) == 0 ? about.st_ino : 0;
}

bool is_here(const format::Holder& holder, const format::Span& span, const Clock& clock) {
  const auto boot = clock.uptime().boot;
  return boot != format::Id16{} && span.boot == boot && holder.pid_space != 0 &&
         holder.pid_space == pid_space();
}

}  // namespace

format::Holder this_process(const format::Id16& run) {
  const auto pid = static_cast<std::uint32_t>(getpid());
  return {run, pid_space(), pid, start_of(pid).value_or(0)};
}

bool may_live(const format::Holder& holder, const format::Id16& self, const format::Span& span,
              const Clock& clock) {
  if (is_nobody(holder) || holder.run == self || (!mutated("holder.over") && is_over(span, clock)))
    return false;
  if (holder.started == 0 || !is_here(holder, span, clock)) return true;
  const auto start = start_of(holder.pid);
  if (!start) return true;
  return (mutated("holder.reused") ? *start != 0 : *start == holder.started) && !mutated("holder.alive");
}

}  // namespace tokenvault::rotation
