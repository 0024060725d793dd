#pragma once
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <vector>

#include "support/rotation_fixture.hpp"
#include "tokenvault/lease.hpp"

namespace tokenvault::test {

/// Ends a child that hangs, and so its test; nothing that goes well takes a part of it.
inline constexpr unsigned kHangs = 120;

struct ForkedVerb {
  const char* name;
  std::function<Status(Vault&)> call;
};

/// All that an open vault can be asked for.
inline std::vector<ForkedVerb> forked_verbs() {
  const auto store = [] { return *open_memory_store(); };
  const auto with = [](auto call) { return [call](Vault& vault) { return status_of(call(vault)); }; };
  const auto rotator = [](auto call) {
    return [call](Vault& vault) {
      FakeProvider provider(kModels[0].behaviour());
      Rotator made(vault, "a", provider);
      return status_of(call(made));
    };
  };
  return {
      {"get", with([](Vault& v) { return v.get("a"); })},
      {"token", with([](Vault& v) { return v.token("a"); })},
      {"put", with([](Vault& v) { return v.put("a", secret("child's")); })},
      {"put_all",
       with([](Vault& v) { return v.put_all([] { return std::optional<NewToken>(); }, Existing::replace); })},
      {"rollback", with([](Vault& v) { return v.rollback("a", 1); })},
      {"erase", with([](Vault& v) { return v.erase("a"); })},
      {"undelete", with([](Vault& v) { return v.undelete("a"); })},
      {"destroy", with([](Vault& v) { return v.destroy("a"); })},
      {"mark_suspect", with([](Vault& v) { return v.mark_suspect("a", 1); })},
      {"set_policy", with([](Vault& v) { return v.set_policy("a", std::nullopt); })},
      {"info of one", with([](Vault& v) { return v.info("a"); })},
      {"list", with([](Vault& v) { return v.list(); })},
      {"expiring", with([](Vault& v) { return v.expiring(Time(std::chrono::seconds(1))); })},
      {"info", with([](Vault& v) { return v.info(); })},
      {"verify", with([](Vault& v) { return v.verify(); })},
      {"backup_to", with([=](Vault& v) { return v.backup_to(*store()); })},
      {"migrate_to", with([=](Vault& v) { return v.migrate_to(*store()); })},
      {"lease, get", with([](Vault& v) { return v.lease("a").get(); })},
      {"lease, token", with([](Vault& v) { return v.lease("a").token(); })},
      {"lease, use",
       with([](Vault& v) { return v.lease("a").use([](const auto&, auto) { return Verdict::ok; }); })},
      {"lease, wait", with([](Vault& v) { return v.lease("a").wait(1, std::chrono::hours(1)); })},
      {"with_token",
       with([](Vault& v) { return v.with_token("a", [](const auto&, auto) { return Verdict::rejected; }); })},
      {"wait", with([](Vault& v) { return v.wait(std::chrono::hours(1)); })},
      {"add_key", with([](Vault& v) { return v.add_key(raw_key('c')); })},
      {"add_recipient", with([](Vault& v) { return v.add_recipient(PublicKey{}); })},
      {"add_recovery", with([](Vault& v) { return v.add_recovery(); })},
      {"remove_key", with([](Vault& v) { return v.remove_key(SlotId{}); })},
      {"check_key", with([](Vault& v) { return v.check_key(raw_key()); })},
      {"slot_key", with([](Vault& v) { return v.slot_key(); })},
      {"rotate_master", with([](Vault& v) { return v.rotate_master({}); })},
      {"rotate", rotator([](Rotator& r) { return r.rotate(); })},
      {"rotate, resume", rotator([](Rotator& r) { return r.resume(); })},
      {"rotate, start", rotator([](Rotator& r) { return r.start(); })},
      {"rotate, stage", rotator([](Rotator& r) { return r.stage(secret("s")); })},
      {"rotate, abort", rotator([](Rotator& r) { return r.abort(); })},
      {"rotate, retire", rotator([](Rotator& r) { return r.retire(); })},
      {"rotate, status", rotator([](Rotator& r) { return r.status(); })},
      {"due", with([](Vault& v) { return due(v); })},
      {"rotations", with([](Vault& v) { return rotations(v); })},
  };
}

/// The first verb that is not told `forked`, by its number from 1; 0 where all are.
inline int first_not_forked(Vault& vault) {
  int number = 0;
  for (const auto& verb : forked_verbs()) {
    ++number;
    const auto done = verb.call(vault);
    if (done || done.error().code() != Errc::forked) return number;
  }
  return 0;
}

/// What is wrong in a child that runs `body` and ends with what that returns; empty where that was 0.
inline std::string fault_in_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(kHangs);
    ::_exit(body());
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  if (status == 0) return {};
  return WIFEXITED(status) ? "it returned " + std::to_string(WEXITSTATUS(status))
                           : "it died of signal " + std::to_string(WTERMSIG(status));
}

}  // namespace tokenvault::test
