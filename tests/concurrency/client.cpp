// One of many clients of one store or vault, while things fail; what it asks and is told goes to stdout.
//   client store  PLACE NAME COUNT   reads and swaps the root
//   client watch  PLACE NAME COUNT   reads the root whenever it is told of a change
//   client vault  PLACE NAME COUNT   gets and puts tokens, each of which lives for a while
//   client rotate PLACE NAME COUNT   gets and rotates tokens, likewise
//   client lease  PLACE NAME COUNT   follows the token `followed`
//   client put    PLACE NAME COUNT   puts it
//   client audit  PLACE NAME COUNT   reads every version of every token, and verifies all
// PLACE is a URI of open_store(), or a prefix in the etcd of with_etcd.py. Ends after COUNT operations or with stdin.
// CLIENT_TIMEOUT and CLIENT_PAUSE: milliseconds of one call, and between two; CLIENT_LIE: see liar.hpp;
// CLIENT_THREADS: so many in this process, with names NAME/0, NAME/1 and so on, over one vault where CLIENT_SHARED is
// set, else each over its own; CLIENT_DIES: see sudden_death.hpp.
#include <algorithm>
#include <optional>
#include <thread>
#include <vector>

#include "concurrency/cell.hpp"
#include "concurrency/sudden_death.hpp"
#include "concurrency/task.hpp"
#include "concurrency/turning.hpp"
#include "concurrency/vault_tasks.hpp"
#include "tokenvault/lease.hpp"

namespace tokenvault::test {
namespace {

using std::chrono::milliseconds;

constexpr int kPerToken = 8;  // operations of one client, so that 100 versions hold those of ten

int number_of(const char* name, const char* otherwise) { return std::atoi(setting(name, otherwise).c_str()); }

void work_on_store(const Task& task) {
  const auto store = open_place(task);
  Cell cell(*store, task.name);
  auto dice = dice_of(task);
  repeat(task, [&](int i) { return cell.sure() && dice() % 3 != 0 ? cell.swap(i) : cell.read(); });
}

void watch_store(const Task& task) {
  const auto store = open_place(task);
  Cell cell(*store, task.name);
  cell.read();
  repeat(task, [&](int) {
    const auto now = store->wait(cell.at(), std::chrono::seconds(30), system_clock());
    return cell.read() && now;
  });
}

void work_on_vault(const Task& task, Vault& vault) {
  auto dice = dice_of(task);
  std::optional<TokenView> token;
  repeat(task, [&](int i) {
    if (i % kPerToken == 0) token.emplace(vault, fmt::format("token/{}", i / kPerToken));
    const auto value = fmt::format("{}.{}", task.name, i);
    switch (dice() % 4) {
      case 0: return token->get();
      case 1: return token->swap(value);
      default: return token->put(value);
    }
  });
}

void rotate_tokens(const Task& task, Vault& vault) {
  auto dice = dice_of(task);
  std::string name;
  repeat(task, [&](int i) {
    const auto value = fmt::format("{}.{}", task.name, i);
    if (i % kPerToken == 0) {
      name = fmt::format("turned/{}", i / kPerToken);
      return TokenView(vault, name).swap(value);  // there is none yet, or somebody was quicker
    }
    return dice() % 3 == 0 ? turn(vault, name, value) : TokenView(vault, name).get();
  });
}

void follow_token(const Task& task) {
  const auto lease = open_vault(task).lease("followed");
  std::uint32_t known = 0;
  repeat(task, [&](int) {
    Diary::call("followed follow");
    const auto waited = lease.wait(known, std::chrono::seconds(30));
    const auto token = lease.token();
    if (!waited || !token) {
      Diary::failed(token ? waited.error() : token.error());
      return false;
    }
    known = token->version;
    Diary::done(text_of(*token));
    return true;
  });
}

void put_token(const Task& task, Vault& vault) {
  TokenView token(vault, "followed");
  repeat(task, [&](int i) { return token.put(fmt::format("{}.{}", task.name, i)); });
}

void audit(const Vault& vault) {
  for (const auto& token : vault.list().value()) {
    const auto info = vault.info(token.name).value();
    for (const auto& version : info.versions) {
      Diary::call(fmt::format("{} version {}", token.name, version.number));
      const auto value = vault.get(token.name, {.number = version.number});
      if (value)
        Diary::done(std::string(as_text(value->expose())));
      else
        Diary::failed(value.error());
    }
  }
  Diary::call("vault verify");
  const auto report = vault.verify().value();
  Diary::done(std::to_string(report.faults.size()));
}

/// `shared` is null where the thread has to open for itself.
void work(const Task& task, Vault* shared) {
  Diary::begin(task.name);
  if (task.mode == "store") return work_on_store(task);
  if (task.mode == "watch") return watch_store(task);
  if (task.mode == "lease") return follow_token(task);
  std::optional<Vault> own;
  if (shared == nullptr) own.emplace(open_vault(task));
  auto& vault = shared == nullptr ? *own : *shared;
  if (task.mode == "vault") work_on_vault(task, vault);
  if (task.mode == "rotate") rotate_tokens(task, vault);
  if (task.mode == "put") put_token(task, vault);
  if (task.mode == "audit") audit(vault);
}

void work_in_threads(const Task& task) {
  if (task.threads == 1) return work(task, nullptr);
  std::optional<Vault> shared;
  if (task.one_vault && task.mode != "store") shared.emplace(open_vault(task));
  std::vector<std::jthread> threads;
  for (int i = 0; i < task.threads; ++i)
    threads.emplace_back([&, i] {
      auto own = task;
      own.name = fmt::format("{}/{}", task.name, i);
      work(own, shared ? &*shared : nullptr);
    });
  threads.clear();
  if (!task.place.starts_with("memory:") || task.mode == "store") return;
  // Nobody else can look.
  Diary::begin(task.name + "/audit");
  audit(open_vault(task));
}

}  // namespace
}  // namespace tokenvault::test

int main(int count, char** words) {
  using namespace tokenvault::test;
  if (count != 5) return 2;
  die_in_sync(number_of("CLIENT_DIES", "0"));
  work_in_threads({.mode = words[1],
                   .place = words[2],
                   .name = words[3],
                   .count = std::atoi(words[4]),
                   .threads = number_of("CLIENT_THREADS", "1"),
                   .timeout = milliseconds(number_of("CLIENT_TIMEOUT", "10000")),
                   .pause = milliseconds(number_of("CLIENT_PAUSE", "0")),
                   .one_vault = !setting("CLIENT_SHARED").empty()});
  return 0;
}
