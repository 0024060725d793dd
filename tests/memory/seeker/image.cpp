#include "image.hpp"

#include <elf.h>
#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "refusal.hpp"

#ifndef NT_X86_XSTATE
#define NT_X86_XSTATE 0x202
#endif

namespace tokenvault::seeker {
namespace {

std::string proc(pid_t pid, const char* file) { return "/proc/" + std::to_string(pid) + '/' + file; }

/// Of a line of maps or smaps; nothing for the other lines of smaps.
bool parse(const std::string& line, Mapping& mapping) {
  std::array<char, 5> access{};
  unsigned long start = 0;
  unsigned long end = 0;
  int name = 0;
  if (std::sscanf(line.c_str(), "%lx-%lx %4s %*x %*x:%*x %*u %n", &start, &end, access.data(), &name) != 3)
    return false;
  mapping = {start, end, access.data(), line.substr(static_cast<std::size_t>(name))};
  return true;
}

std::string key_of(const Mapping& mapping) {
  return std::to_string(mapping.start) + '-' + std::to_string(mapping.end) + mapping.access + mapping.name;
}

bool is_of_the_kernel(const std::string& name) { return name.starts_with("[v") && name != "[vdso]"; }

}  // namespace

Image::Image(pid_t pid) : pid_(pid), memory_(::open(proc(pid, "mem").c_str(), O_RDWR | O_CLOEXEC)) {
  if (memory_ < 0) refuse("open the memory of a process");
}

Image::~Image() { ::close(memory_); }

void Image::refresh() {
  mappings_.clear();
  std::ifstream file(proc(pid_, "maps"));
  Mapping mapping;
  for (std::string line; std::getline(file, line);)
    if (parse(line, mapping)) mappings_.push_back(mapping);
}

void Image::search(const Needles& needles, bool thorough, const Report& report) {
  refresh();
  hidden_ = 0;
  for (const Mapping& mapping : mappings_) {
    if (!mapping.readable() || is_of_the_kernel(mapping.name)) continue;
    if (mapping.fixed() && !known_.insert(key_of(mapping)).second && !thorough) continue;
    if (!search_mapping(mapping, needles, report)) ++hidden_;
  }
}

/// In parts that overlap by less than the shortest piece that a longer one could begin with.
bool Image::search_mapping(const Mapping& mapping, const Needles& needles, const Report& report) {
  constexpr std::uint64_t kOverlap = Needles::kMost - 1;
  for (std::uint64_t at = mapping.start; at < mapping.end;) {
    const std::uint64_t size = std::min<std::uint64_t>(buffer_.size(), mapping.end - at);
    const ssize_t got = ::pread(memory_, buffer_.data(), size, static_cast<off_t>(at));
    if (got <= 0) return at != mapping.start;
    needles.find(View(buffer_).first(static_cast<std::size_t>(got)),
                 [&](std::uint32_t label, std::size_t offset) {
                   const Flags flags = flags_of(mapping);
                   report({label, &mapping, at + offset, flags.arena, flags.locked});
                 });
    bytes_ += static_cast<std::uint64_t>(got);
    if (at + static_cast<std::uint64_t>(got) >= mapping.end) return true;
    at += std::max<std::uint64_t>(static_cast<std::uint64_t>(got), 2 * kOverlap) - kOverlap;
  }
  return true;
}

Image::Flags Image::flags_of(const Mapping& mapping) {
  const std::string key = key_of(mapping);
  const auto known = flags_.find(key);
  return known != flags_.end() ? known->second : flags_.emplace(key, read_flags(mapping)).first->second;
}

/// Left out of core files, absent after fork and to be written: that is secret memory.
Image::Flags Image::read_flags(const Mapping& mapping) const {
  std::ifstream file(proc(pid_, "smaps"));
  bool here = false;
  Mapping other;
  for (std::string line; std::getline(file, line);) {
    if (parse(line, other)) here = other.start == mapping.start;
    if (!here || !line.starts_with("VmFlags:")) continue;
    const auto has = [&](const char* flag) { return line.find(flag) != std::string::npos; };
    return {has(" dd") && has(" dc") && mapping.access.starts_with("rw"), has(" lo")};
  }
  return {};
}

bool Image::is_secret(std::uint64_t address) {
  for (const Mapping& mapping : mappings_)
    if (address >= mapping.start && address < mapping.end)
      return mapping.access.starts_with("rw") && (mapping.secret_file() || flags_of(mapping).arena);
  return false;
}

bool Image::read(std::uint64_t address, void* to, std::size_t size) const {
  return ::pread(memory_, to, size, static_cast<off_t>(address)) == static_cast<ssize_t>(size);
}

bool Image::write(std::uint64_t address, const void* from, std::size_t size) const {
  return ::pwrite(memory_, from, size, static_cast<off_t>(address)) == static_cast<ssize_t>(size);
}

void Image::search_registers(const Needles& needles, const Report& report) const {
  std::array<unsigned char, 16384> room{};
  for (const int set : {NT_PRSTATUS, NT_PRFPREG, NT_X86_XSTATE}) {
    iovec data{room.data(), room.size()};
    if (::ptrace(PTRACE_GETREGSET, pid_, set, &data) != 0) continue;
    const auto filled = View(room).first(data.iov_len);
    needles.find(filled, [&](std::uint32_t label, std::size_t offset) {
      report({label, nullptr, offset, false, false});
    });
  }
}

}  // namespace tokenvault::seeker
