#pragma once
#include <sys/types.h>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "needles.hpp"

namespace tokenvault::seeker {

struct Mapping {
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  std::string access;
  std::string name;

  [[nodiscard]] bool readable() const { return access[0] == 'r'; }
  /// Of a file, and not to be changed through this mapping.
  [[nodiscard]] bool fixed() const { return access[1] != 'w' && name[0] == '/'; }
  [[nodiscard]] bool secret_file() const { return name.find("secretmem") != std::string::npos; }
};

/// One place where a piece is. The mapping is null where it is in a register.
struct Sighting {
  std::uint32_t label = 0;
  const Mapping* mapping = nullptr;
  std::uint64_t address = 0;
  bool arena = false;
  bool locked = false;
};

/// A process that stands still, as a tracer or whoever may read its memory sees it.
class Image {
 public:
  using Report = std::function<void(const Sighting&)>;

  explicit Image(pid_t pid);
  ~Image();
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;

  /// All that can be read; mappings that are fixed only when they are new, unless `thorough`.
  void search(const Needles& needles, bool thorough, const Report& report);
  /// The registers that a core file would hold as well. Only of a process that is traced.
  void search_registers(const Needles& needles, const Report& report) const;
  /// Whether `address` is in secret memory: an arena, or what nobody can read.
  [[nodiscard]] bool is_secret(std::uint64_t address);
  /// What is known of mappings' flags; to be called whenever the process may have changed them.
  void forget_flags() { flags_.clear(); }
  bool read(std::uint64_t address, void* to, std::size_t size) const;
  bool write(std::uint64_t address, const void* from, std::size_t size) const;

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  /// How many mappings could not be read the last time.
  [[nodiscard]] std::size_t hidden() const { return hidden_; }
  [[nodiscard]] const std::vector<Mapping>& mappings() const { return mappings_; }

 private:
  struct Flags {
    bool arena = false;
    bool locked = false;
  };
  void refresh();
  [[nodiscard]] Flags read_flags(const Mapping& mapping) const;
  Flags flags_of(const Mapping& mapping);
  bool search_mapping(const Mapping& mapping, const Needles& needles, const Report& report);

  pid_t pid_;
  int memory_;
  std::vector<Mapping> mappings_;
  std::set<std::string> known_;  // fixed mappings that were searched
  std::map<std::string, Flags> flags_;
  std::vector<unsigned char> buffer_ = std::vector<unsigned char>(std::size_t{1} << 20);
  std::uint64_t bytes_ = 0;
  std::size_t hidden_ = 0;
};

}  // namespace tokenvault::seeker
