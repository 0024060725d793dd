// One of many clients of one store or vault, while things fail; what it asks and is told goes to stdout.
//   failure_client store PLACE NAME COUNT   reads and swaps the root
//   failure_client watch PLACE NAME COUNT   reads the root whenever it is told of a change
//   failure_client vault PLACE NAME COUNT   gets and puts tokens, each of which lives for a while
//   failure_client lease PLACE NAME COUNT   follows the token `followed`
//   failure_client put   PLACE NAME COUNT   puts it
//   failure_client audit PLACE NAME COUNT   reads every version of every token, and verifies all
// PLACE is a URI of open_store(), or a prefix in the etcd of with_etcd.py. Ends after COUNT operations or with stdin.
// FAILURE_TIMEOUT and FAILURE_PAUSE: milliseconds of one call, and between two; FAILURE_LIE: see failure_liar.hpp.
#include <poll.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string_view>

#include "core/bytes.hpp"
#include "etcd/failure_diary.hpp"
#include "etcd/failure_liar.hpp"
#include "etcd/failure_place.hpp"
#include "tokenvault/lease.hpp"

namespace tokenvault::test {
namespace {

using std::chrono::milliseconds;

constexpr int kPerToken = 8;  // operations of one client, so that 100 versions hold those of ten

struct Task {
  std::string mode, place, name;
  int count = 0;
  milliseconds timeout{10'000}, pause{0};
};

std::string setting(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value ? value : otherwise;
}

milliseconds duration(const char* name, const char* otherwise) {
  return milliseconds(std::atoi(setting(name, otherwise).c_str()));
}

std::unique_ptr<Store> open_place(const Task& task) {
  auto store = open_failure_place(task.place, task.timeout).value();
  const auto lie = setting("FAILURE_LIE", "");
  if (lie.empty()) return store;
  return std::make_unique<Liar>(std::move(store), lie);
}

/// False when stdin has ended; otherwise after `pause`, which keeps what fails at once from filling the diary.
bool goes_on(milliseconds pause) {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  return ::poll(&input, 1, static_cast<int>(pause.count())) == 0;
}

/// As often as the task wants it, `step` with its number; it says whether all went well.
template <typename Step>
void repeat(const Task& task, Step step) {
  bool well = true;
  for (int i = 0; i < task.count && goes_on(well ? task.pause : milliseconds(50)); ++i) well = step(i);
}

/// Values are unique, and so each is its blob's id as well.
BlobId id_of(const std::string& value) {
  BlobId id;
  std::memcpy(id.bytes.data(), value.data(), std::min(value.size(), id.bytes.size()));
  return id;
}

/// What one client knows of the root.
class Cell {
 public:
  Cell(Store& store, std::string name) : store_(store), name_(std::move(name)) {}

  /// The root with its blob; "torn" where it stays and its blob is not there.
  bool read() {
    Diary::call("root read");
    std::optional<Revision> torn;
    while (true) {
      const auto root = store_.root();
      if (!root && root.error().code() != Errc::no_vault) return fail(root.error());
      const auto seen = root ? std::string(as_text(root->bytes)) : "-";
      at_ = root ? root->revision : Revision::absent;
      if (at_ == Revision::absent) return learn(seen);
      const auto blob = store_.get(id_of(seen));
      if (blob) return learn(as_text(*blob) == seen ? seen : "torn");
      if (blob.error().code() != Errc::not_found) return fail(blob.error());
      if (torn == at_) return learn("torn");
      torn = at_;
    }
  }

  bool swap(int number) {
    const auto value = fmt::format("{}.{}", name_, number);
    Diary::call(fmt::format("root cas {} {}", known_, value));
    const std::vector<Blob> put{{id_of(value), bytes_of(value)}};
    const std::vector<BlobId> erase{id_of(known_)};
    const auto done = store_.commit({.expected = at_,
                                     .root = put[0].bytes,
                                     .put = put,
                                     .erase = std::span(erase).first(at_ == Revision::absent ? 0 : 1)});
    if (!done && done.error().code() != Errc::conflict) return fail(done.error());
    sure_ = done.has_value();
    Diary::done(done ? "ok" : "conflict");
    if (!done) return true;
    known_ = value;
    at_ = *done;
    return true;
  }

  /// Whether what it knows may still be so.
  [[nodiscard]] bool sure() const { return sure_; }
  [[nodiscard]] Revision at() const { return at_; }

 private:
  static Bytes bytes_of(std::string_view text) {
    const auto view = as_bytes(text);
    return {view.begin(), view.end()};
  }
  bool fail(const Error& error) {
    Diary::failed(error);
    sure_ = false;
    return false;
  }
  bool learn(const std::string& seen) {
    known_ = seen;
    sure_ = true;
    Diary::done(seen);
    return true;
  }

  Store& store_;
  std::string name_, known_ = "-";
  Revision at_ = Revision::absent;
  bool sure_ = false;
};

void work_on_store(const Task& task) {
  const auto store = open_place(task);
  Cell cell(*store, task.name);
  std::mt19937 dice(static_cast<unsigned>(std::hash<std::string>{}(task.name)));
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

SecretBuffer bytes(std::string_view text) { return SecretBuffer::copy_of(as_bytes(text)).value(); }

/// Whoever comes first makes it.
Vault open_vault(const Task& task) {
  const auto key = KeySource::raw_key(bytes(std::string(32, 'k'))).value();
  VaultOptions options;
  options.timeout = task.timeout;
  auto made = Vault::create(open_place(task), key, options);
  return made ? *std::move(made) : Vault::open(open_place(task), key, options).value();
}

std::string text_of(const Token& token) {
  return fmt::format("{} {}", token.version, as_text(token.value.expose()));
}

bool get(const Vault& vault, const std::string& name, std::uint32_t& known) {
  Diary::call(name + " get");
  const auto token = vault.token(name);
  if (!token && token.error().code() != Errc::not_found) {
    Diary::failed(token.error());
    return false;
  }
  known = token ? token->version : 0;
  Diary::done(token ? text_of(*token) : "0 -");
  return true;
}

bool put(Vault& vault, const std::string& name, const std::string& value,
         std::optional<std::uint32_t> condition, std::uint32_t& known) {
  Diary::call(condition ? fmt::format("{} put_if {} {}", name, *condition, value)
                        : fmt::format("{} put {}", name, value));
  const auto done = vault.put(name, bytes(value), {.if_version = condition});
  if (!done && done.error().code() != Errc::conflict) {
    Diary::failed(done.error());
    return false;
  }
  if (done) known = *done;
  Diary::done(done ? std::to_string(*done) : "conflict");
  return true;
}

void work_on_vault(const Task& task) {
  auto vault = open_vault(task);
  std::mt19937 dice(static_cast<unsigned>(std::hash<std::string>{}(task.name)));
  std::uint32_t known = 0;
  repeat(task, [&](int i) {
    const auto name = fmt::format("token/{}", i / kPerToken);
    if (i % kPerToken == 0) known = 0;
    const auto value = fmt::format("{}.{}", task.name, i);
    switch (dice() % 4) {
      case 0: return get(vault, name, known);
      case 1: return put(vault, name, value, known, known);
      default: return put(vault, name, value, std::nullopt, known);
    }
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

void put_token(const Task& task) {
  auto vault = open_vault(task);
  std::uint32_t known = 0;
  repeat(task, [&](int i) {
    return put(vault, "followed", fmt::format("{}.{}", task.name, i), std::nullopt, known);
  });
}

void audit(const Task& task) {
  const auto vault = open_vault(task);
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

int work(const Task& task) {
  if (task.mode == "store") work_on_store(task);
  if (task.mode == "watch") watch_store(task);
  if (task.mode == "vault") work_on_vault(task);
  if (task.mode == "lease") follow_token(task);
  if (task.mode == "put") put_token(task);
  if (task.mode == "audit") audit(task);
  return 0;
}

}  // namespace
}  // namespace tokenvault::test

int main(int count, char** words) {
  using namespace tokenvault::test;
  if (count != 5) return 2;
  return work({.mode = words[1],
               .place = words[2],
               .name = words[3],
               .count = std::atoi(words[4]),
               .timeout = duration("FAILURE_TIMEOUT", "10000"),
               .pause = duration("FAILURE_PAUSE", "0")});
}
