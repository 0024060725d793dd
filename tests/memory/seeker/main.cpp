// Looks for pieces of secrets in processes and files. Nothing that it looks for is in its arguments or environment.
//   seeker --needles FD --report FD memory PID
//   seeker --needles FD --report FD files PATH...
//   seeker --needles FD --report FD [TERMS] watch PROGRAM ARGUMENT...
// A process is looked at once as it is, or at every system call of its life.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "refusal.hpp"
#include "watch.hpp"

namespace tokenvault::seeker {
namespace {

int number(const char* word) { return word == nullptr ? -1 : std::atoi(word); }

/// Takes one term with its value from the front; false at the mode's word.
bool take_term(Terms& terms, char**& words) {
  const std::string_view word = *words;
  if (!word.starts_with("--")) return false;
  ++words;
  if (word == "--cores") return terms.cores = true;
  if (word == "--no-secret-files") return terms.no_secret_files = true;
  if (word == "--rests") return terms.rests = true;
  const char* value = *words++;
  if (word == "--needles")
    terms.needles = number(value);
  else if (word == "--report")
    terms.report = number(value);
  else if (word == "--random")
    terms.random = number(value);
  else if (word == "--user")
    terms.user = number(value);
  else if (word == "--memlock")
    terms.memlock = number(value);
  else if (word == "--crash-at")
    terms.crash_at = number(value);
  else if (word == "--signal")
    terms.signal = number(value);
  else if (word == "--plant")
    terms.plant = value;
  else if (word == "--plant-at")
    terms.plant_at = number(value);
  else
    refuse("understand its arguments");
  return true;
}

void search_file(const char* path, const Needles& needles, Record& record) {
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (fd < 0 || ::fstat(fd, &status) != 0) refuse("open a file");
  const auto size = static_cast<std::size_t>(status.st_size);
  record.count("files", 1);
  record.count("bytes", size);
  if (size > 0) {
    void* start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (start == MAP_FAILED) refuse("read a file");
    const Mapping mapping{0, size, "r", path};
    needles.find(View(static_cast<const unsigned char*>(start), size),
                 [&](std::uint32_t label, std::size_t offset) {
                   record.see({label, &mapping, offset, false, false}, 1, "file", true);
                 });
    ::munmap(start, size);
  }
  ::close(fd);
}

void search_memory(pid_t pid, const Needles& needles, Record& record) {
  Image image(pid);
  image.search(needles, true, [&](const Sighting& sighting) { record.see(sighting, 1, "memory", true); });
  record.count("bytes", image.bytes());
  record.count("hidden", image.hidden());
}

int run(char** words) {
  Terms terms;
  while (*words != nullptr && take_term(terms, words)) {
  }
  if (*words == nullptr || words[1] == nullptr) refuse("do anything with so few arguments");
  for (const int fd : {terms.needles, terms.report}) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  const Needles needles = Needles::read(terms.needles);
  Record record(needles);
  const std::string_view mode = *words++;
  if (mode == "files") {
    for (; *words != nullptr; ++words) search_file(*words, needles, record);
  } else if (mode == "memory") {
    search_memory(number(*words), needles, record);
  } else if (mode == "watch") {
    for (; *words != nullptr; ++words) terms.command.push_back(*words);
    terms.command.push_back(nullptr);
    watch(terms, needles, record);
  } else {
    refuse("understand its arguments");
  }
  record.write(terms.report);
  return 0;
}

}  // namespace
}  // namespace tokenvault::seeker

int main(int, char** argv) { return tokenvault::seeker::run(argv + 1); }
