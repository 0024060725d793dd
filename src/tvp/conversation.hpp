#pragma once
#include <chrono>
#include <functional>
#include <string>

#include "tokenvault/secret.hpp"
#include "tvp/feed.hpp"
#include "tvp/intake.hpp"

namespace tokenvault::tvp {

class Child;

inline constexpr std::size_t kMaxAnswer = 64 * 1024;  // bytes on the child's descriptor 1
inline constexpr std::size_t kMaxWords = 8 * 1024;    // bytes kept of its descriptor 2

/// What a program left behind. It has ended, and its group with it.
struct Transcript {
  int status = -1;          ///< as waitpid() gives it; -1 where nobody knows
  bool late = false;        ///< it was killed at the deadline
  bool chatty = false;      ///< it was killed since its answer was too long
  bool unfed = false;       ///< it was killed since it could not be given all that it was to read
  bool token_lost = false;  ///< what it wrote as a token was longer than a token may be
  std::string answer;
  SecretBuffer words;
};

/// One exchange with a child. Its memory is there before the child begins.
class Conversation {
 public:
  /// `on_token` is given a token as soon as the program has written all of it, and whatever else happens.
  /// Errors: out_of_memory.
  static Result<Conversation> prepare(bool with_token, std::function<void(SecretBuffer)> on_token);

  /// Until the child has ended, by itself or at the deadline. Errors: those of a program that could not be
  /// started after all.
  Result<Transcript> run(Child& child, Feed request, Feed secrets, std::chrono::milliseconds timeout);

 private:
  Conversation(SecretIntake words, SecretIntake token, std::function<void(SecretBuffer)> on_token)
      : words_(std::move(words)), token_(std::move(token)), on_token_(std::move(on_token)) {}

  bool wait(Child& child, Feed& request, Feed& secrets, int milliseconds);
  void listen(Child& child, std::size_t descriptor, bool to_the_end);
  Got read_some(std::size_t descriptor, int fd) noexcept;
  void hand_over_token();

  TextIntake answer_{kMaxAnswer};
  SecretIntake words_, token_;
  std::function<void(SecretBuffer)> on_token_;
};

}  // namespace tokenvault::tvp
