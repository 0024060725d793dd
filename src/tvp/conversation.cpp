#include "tvp/conversation.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "core/try.hpp"
#include "tvp/child.hpp"

namespace tokenvault::tvp {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kRequest = 0, kAnswer = 1, kWords = 2, kSecrets = 3, kToken = 4;

/// What poll(2) looks at: the child's descriptors by number, then its end.
struct Watched {
  static constexpr std::size_t kEnded = Child::kDescriptors;
  std::array<pollfd, kEnded + 1> all{};

  explicit Watched(const Child& child) {
    for (std::size_t i = 0; i < Child::kDescriptors; ++i) {
      const bool child_reads = i == kRequest || i == kSecrets;
      all[i] = {child.end(i), static_cast<short>(child_reads ? POLLOUT : POLLIN), 0};
    }
    all[kEnded] = {child.ended(), POLLIN, 0};
  }
  [[nodiscard]] bool ready(std::size_t i) const { return all[i].fd >= 0 && all[i].revents != 0; }
};

/// Rounded up, so that the last wait does not spin.
int left_until(steady_clock::time_point deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
  return static_cast<int>(std::clamp<milliseconds::rep>(left.count(), 0, 3'600'000));
}

void write_end(Child& child, std::size_t descriptor, Feed& feed) {
  if (feed.write_to(child.end(descriptor)) && !feed.broken()) child.close_end(descriptor);
}

}  // namespace

Result<Conversation> Conversation::prepare(bool with_token, std::function<void(SecretBuffer)> on_token) {
  TV_TRY(auto words, SecretIntake::of(kMaxWords));
  TV_TRY(auto token, SecretIntake::of(with_token ? kMaxSecretSize : 0));
  return Conversation(std::move(words), std::move(token), std::move(on_token));
}

Got Conversation::read_some(std::size_t descriptor, int fd) noexcept {
  if (descriptor == kAnswer) return answer_.read_from(fd);
  return descriptor == kWords ? words_.read_from(fd) : token_.read_from(fd);
}

/// `to_the_end`: all that is there, of a program that has ended; somebody who escaped from its group may still
/// be writing, so no more than what is kept.
void Conversation::listen(Child& child, std::size_t descriptor, bool to_the_end) {
  if (child.end(descriptor) < 0) return;
  Got got = Got::some;
  do {
    got = read_some(descriptor, child.end(descriptor));
  } while (to_the_end && got == Got::some && !answer_.too_long() && !token_.too_long() &&
           !(descriptor == kWords && words_.full()));
  if (got != Got::end && !to_the_end) return;
  child.close_end(descriptor);
  if (descriptor == kToken) hand_over_token();
}

void Conversation::hand_over_token() {
  const bool usable = !token_.too_long();
  SecretBuffer token = token_.take();
  if (usable && !token.empty()) on_token_(std::move(token));
}

/// Waits once and serves what is ready. False when the child has ended.
bool Conversation::wait(Child& child, Feed& request, Feed& secrets, int left) {
  Watched watched(child);
  if (::poll(watched.all.data(), watched.all.size(), left) <= 0) return true;
  if (watched.ready(kRequest)) write_end(child, kRequest, request);
  if (watched.ready(kSecrets)) write_end(child, kSecrets, secrets);
  // The token first: should anything else go wrong, it is safe by then.
  for (const std::size_t descriptor : {kToken, kAnswer, kWords}) {
    if (watched.ready(descriptor)) listen(child, descriptor, false);
  }
  return !watched.ready(Watched::kEnded);
}

Result<Transcript> Conversation::run(Child& child, Feed request, Feed secrets, milliseconds timeout) {
  Transcript said;
  const auto deadline = steady_clock::now() + timeout;
  for (bool alive = true; alive && !said.late && !said.chatty && !said.unfed;) {
    const int left = left_until(deadline);
    alive = wait(child, request, secrets, left);
    said.late = alive && left == 0;
    said.chatty = answer_.too_long();
    said.unfed = request.broken() || secrets.broken();
  }
  child.kill_group();
  said.status = child.reap();
  for (const std::size_t descriptor : {kToken, kAnswer, kWords}) listen(child, descriptor, true);
  if (const int error = child.take_start_error(); error != 0) {
    return Error(Errc::refused, "the system refuses it: " + std::generic_category().message(error), error);
  }
  said.token_lost = token_.too_long();
  said.chatty = answer_.too_long();
  said.answer = answer_.take();
  said.words = words_.take();
  return said;
}

}  // namespace tokenvault::tvp
