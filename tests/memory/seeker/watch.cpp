#include "watch.hpp"

#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <memory>

#include "calls.hpp"
#include "refusal.hpp"

namespace tokenvault::seeker {
namespace {

std::string target_of(pid_t pid, int fd) {
  std::string target(4096, '\0');
  const auto link = "/proc/" + std::to_string(pid) + "/fd/" + std::to_string(fd);
  const ssize_t size = ::readlink(link.c_str(), target.data(), target.size());
  target.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  const auto colon = target.find(":[");  // of a pipe or a socket, whose number tells nothing
  return std::to_string(fd) + ' ' + (colon == std::string::npos ? target : target.substr(0, colon));
}

class Watch {
 public:
  Watch(const Terms& terms, const Needles& needles, Record& record)
      : terms_(terms), needles_(needles), record_(record) {}

  void run() {
    main_ = launch(terms_);
    adopt(main_);
    look(main_, "start", false);
    resume(main_, 0);
    while (!done_) {
      int status = 0;
      const pid_t pid = ::waitpid(-1, &status, __WALL);
      if (pid < 0) break;
      take(pid, status);
    }
    for (const auto& [pid, process] : processes_) record_.count("bytes", process->image.bytes());
  }

 private:
  struct Process {
    explicit Process(pid_t pid) : image(pid) {}
    Image image;
    std::uint64_t call = 0;
    bool diverted = false;
  };

  void adopt(pid_t pid) {
    if (processes_.contains(pid)) return;
    processes_.emplace(pid, std::make_unique<Process>(pid));
    record_.count("processes", 1);
  }

  void resume(pid_t pid, int signal) { ::ptrace(PTRACE_SYSCALL, pid, nullptr, signal); }

  void let_go(pid_t pid, int signal) {
    ::ptrace(PTRACE_DETACH, pid, nullptr, signal);
    forget(pid);
  }

  void forget(pid_t pid) {
    const auto found = processes_.find(pid);
    if (found == processes_.end()) return;
    record_.count("bytes", found->second->image.bytes());
    processes_.erase(found);
  }

  void take(pid_t pid, int status) {
    if (WIFEXITED(status) || WIFSIGNALED(status)) return finish(pid, status);
    if (!WIFSTOPPED(status)) return;
    adopt(pid);
    const int signal = WSTOPSIG(status);
    const int event = status >> 16;
    if (signal == (SIGTRAP | 0x80)) return at_call(pid);
    if (event == PTRACE_EVENT_EXEC) {
      record_.count("other_programs", 1);
      return let_go(pid, 0);
    }
    const bool is_ours = event != 0 || signal == SIGTRAP || (signal == SIGSTOP && pid != main_);
    resume(pid, is_ours ? 0 : signal);
  }

  void finish(pid_t pid, int status) {
    forget(pid);
    if (pid != main_) return;
    record_.end(WIFEXITED(status) ? "exit" : "signal",
                WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    done_ = true;
  }

  void at_call(pid_t pid) {
    Call call{};
    if (::ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof call, &call) <= 0) return resume(pid, 0);
    Process& process = *processes_.at(pid);
    const bool begins = call.op == PTRACE_SYSCALL_INFO_ENTRY;
    if (begins) process.call = call.entry.nr;
    plant(pid);
    look(pid, (begins ? "before " : "after ") + name_of(process.call), begins && at_rest(call));
    if (begins) note_writing(pid, call);
    if (!begins && changes_mappings(process.call)) process.image.forget_flags();
    divert(pid, begins, call);
    if (pid == main_ && terms_.crash_at >= 0 && static_cast<long>(stop_) >= terms_.crash_at) {
      ::kill(pid, terms_.signal);
      return let_go(pid, 0);
    }
    resume(pid, 0);
  }

  /// At its end, and where it says on stdout that it is at rest.
  bool at_rest(const Call& call) const {
    return ends(call.entry.nr) || (terms_.rests && call.entry.nr == SYS_write && call.entry.args[0] == 1);
  }

  void look(pid_t pid, const std::string& call, bool is_last) {
    ++stop_;
    if (static_cast<long>(stop_) < terms_.crash_at)
      return;  // the same was looked at in a life without a crash
    Image& image = processes_.at(pid)->image;
    const auto see = [&](const Sighting& sighting) { record_.see(sighting, stop_, call, is_last); };
    image.search(needles_, is_last, see);
    image.search_registers(needles_, see);
    record_.count("stops", 1);
    record_.count("hidden", image.hidden());
  }

  void note_writing(pid_t pid, const Call& call) {
    Image& image = processes_.at(pid)->image;
    const Writing writing = writing_of(call, image);
    for (const auto address : writing.addresses)
      if (image.is_secret(address)) record_.hand(name_of(call.entry.nr), target_of(pid, writing.fd));
  }

  /// What libc draws for itself it draws without blocking, and not always as often.
  void divert(pid_t pid, bool begins, const Call& call) {
    if (terms_.random < 0) return;
    Process& process = *processes_.at(pid);
    if (begins && process.call == SYS_getrandom && call.entry.args[2] == 0) {
      process.diverted = divert_random(pid, terms_.random);
      if (!process.diverted) refuse("give a program its random bytes on this machine");
      record_.count("draws", 1);
    } else if (!begins && process.diverted) {
      restore_random(pid);
      process.diverted = false;
    }
  }

  /// A leak on purpose, where the program itself left none.
  void plant(pid_t pid) {
    if (pid != main_ || static_cast<long>(stop_) + 1 != terms_.plant_at) return;
    const Image& image = processes_.at(pid)->image;
    const std::string& secret = needles_.plant();
    if (terms_.plant == "register" ? put_into_register(pid, secret) : write_to(image, secret))
      record_.count("planted", 1);
  }

  bool write_to(const Image& image, const std::string& secret) {
    const bool is_stack = terms_.plant == "stack";
    const auto wanted = [&](const Mapping& each) {
      if (!each.access.starts_with("rw")) return false;
      return is_stack                 ? each.name == "[stack]"
             : terms_.plant == "heap" ? each.name == "[heap]"
                                      : each.name[0] == '/';
    };
    const auto& all = image.mappings();
    const auto found = std::find_if(all.begin(), all.end(), wanted);
    if (found == all.end()) return false;
    return image.write(is_stack ? found->start + 64 : found->end - 64, secret.data(), secret.size());
  }

  const Terms& terms_;
  const Needles& needles_;
  Record& record_;
  std::map<pid_t, std::unique_ptr<Process>> processes_;
  pid_t main_ = 0;
  std::uint64_t stop_ = 0;
  bool done_ = false;
};

}  // namespace

void watch(const Terms& terms, const Needles& needles, Record& record) {
  Watch(terms, needles, record).run();
}

}  // namespace tokenvault::seeker
