#pragma once
#include <doctest/doctest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <string>
#include <vector>

extern char** environ;

namespace tokenvault::test {

/// Another process of this very test program, running one test case that is skipped otherwise.
class Child {
 public:
  Child(const std::string& test_case, const std::vector<std::string>& settings) {
    std::vector<std::string> words{"/proc/self/exe", "--no-skip", "--test-case=" + test_case};
    std::vector<std::string> variables = settings;
    for (char** at = environ; *at != nullptr; ++at) variables.emplace_back(*at);
    auto argv = pointers(words);
    auto envp = pointers(variables);
    REQUIRE(::posix_spawn(&pid_, "/proc/self/exe", nullptr, nullptr, argv.data(), envp.data()) == 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  Child(Child&& other) noexcept : pid_(other.pid_) { other.pid_ = -1; }
  ~Child() {
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
  }

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

  /// Its wait status.
  int join() {
    int status = -1;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
  }

 private:
  static std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> all;
    for (auto& word : words) all.push_back(word.data());
    all.push_back(nullptr);
    return all;
  }
  pid_t pid_ = -1;
};

/// A child's own setting.
inline std::string setting(const char* name) {
  const char* value = ::getenv(name);
  REQUIRE(value != nullptr);
  return value;
}

}  // namespace tokenvault::test
