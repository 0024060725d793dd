// One-shot `tokenvault get` with a key file as a whole process, against minimal static programs; and the helpers,
// against it.
#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "bench/filled.hpp"
#include "bench/ratio.hpp"

extern char** environ;

namespace tokenvault::bench {
namespace {

constexpr const char* kNothing = "/dev/null";

int status_of(std::vector<std::string> words, const std::string& input = kNothing) {
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, input.c_str(), O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  pid_t pid = 0;
  int status = -1;
  if (::posix_spawn(&pid, words[0].c_str(), &actions, nullptr, argv.data(), environ) != 0) std::abort();
  ::waitpid(pid, &status, 0);
  ::posix_spawn_file_actions_destroy(&actions);
  return status;
}

void run(const std::vector<std::string>& words, const std::string& input = kNothing) {
  if (status_of(words, input) != 0) {
    fmt::print("{} failed\n", words[0]);
    std::exit(1);
  }
}

std::string filled_vault(const std::string& path, int count) {
  fill(sqlite_store(path), count);
  return path;
}

void main(const std::string& command, const std::string& floor, const std::string& floor_sqlite) {
  const test::TempDir folder;
  const auto key_file = folder / "key";
  std::ofstream(key_file) << std::string(32, 'k');
  (void)::chmod(key_file.c_str(), 0600);
  ::setenv("XDG_STATE_HOME", (folder / "state").c_str(), 1);
  run({floor, "seal", folder / "floor.key", folder / "floor.sealed"});
  run({floor_sqlite, "seal", folder / "floor.key2", folder / "floor.db"});
  const auto repeat = [&](std::vector<std::string> words, std::string input = kNothing) {
    return [words = std::move(words), input = std::move(input)] {
      for (int i = 0; i < 50; ++i) run(words, input);
    };
  };
  const auto get_from = [&](const std::string& vault) {
    return repeat({command, "--vault", vault, "--key-file", key_file, "get", name_of(3)});
  };
  const auto small = get_from(filled_vault(folder / "small.db", 10));
  const auto large = get_from(filled_vault(folder / "large.db", 100'000));
  // With the key from the kernel; the slot's kind makes no difference to what is kept.
  const std::vector<std::string> at_small{command, "--vault", folder / "small.db"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), at_small.begin(), at_small.end());
    return more;
  };
  const bool unlocked = status_of(with({"--key-file", key_file, "--quiet", "unlock"})) == 0;
  const auto kept = repeat(with({"--no-input", "get", name_of(3)}));
  const auto file = repeat({floor, folder / "floor.key", folder / "floor.sealed"});
  const auto database = repeat({floor_sqlite, folder / "floor.key2", folder / "floor.db"});
  compare("one-shot get at 10 tokens, against a static C program", 2.7, 21, 50, small, file);
  compare("one-shot get at 10 tokens, against the same over SQLite", 1.4, 21, 50, small, database);
  if (unlocked) {
    compare("one-shot get of an unlocked vault, against a key file", 1.1, 21, 50, kept, small);
    run(with({"--quiet", "lock"}));
  } else {
    fmt::print("no kernel keyring here: a get of an unlocked vault is not measured\n");
  }
  compare("one-shot get at 100,000 tokens, against one at 10", 1.05, 21, 50, large, small);
  const auto request = folder / "request";
  std::ofstream(request) << "protocol=https\nhost=git.acme.example\n\n";
  const auto helper = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {command, "--vault", folder / "small.db", "--key-file", key_file, "helper"});
    return repeat(std::move(words), request);
  };
  compare("helper git, against one-shot get", 1.2, 21, 50, helper({"git", "--name", name_of(3), "get"}),
          small);
  compare("helper kubectl, against one-shot get", 1.2, 21, 50, helper({"kubectl", "--name", name_of(3)}),
          small);
  compare("helper curl, against one-shot get", 1.2, 21, 50, helper({"curl", "--name", name_of(3)}), small);
}

}  // namespace
}  // namespace tokenvault::bench

int main(int count, char** words) {
  if (count != 4) return 2;
  tokenvault::bench::main(words[1], words[2], words[3]);
}
