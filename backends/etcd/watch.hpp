#pragma once
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "etcd/gateway.hpp"
#include "etcd/stream.hpp"
#include "tokenvault/store.hpp"

namespace tokenvault::etcd {

/// Follows one key, that of the root's revision, over a connection that etcd tells of changes on: one for a store,
/// however many ask. It begins with the next answer once somebody wants to be told, has no thread of its own, and is read
/// by who asks.
///
/// A member that was stopped says nothing, and nothing is also what one says that has no news. So what was told is
/// good for a second, after which the store has to ask once, and confirms it. Each beginning follows
/// from an answer on, so that nothing is missed where a connection was lost or etcd was compacted.
/// Thread-safe.
class Watch {
 public:
  Watch(Gateway& gateway, std::string key) : gateway_(gateway), key_(std::move(key)) {}

  /// The key's value, where it is known without asking.
  std::optional<Revision> told();
  /// Blocks until there is other news than `since`, or about as long as `most`. Gives what passed of it.
  std::chrono::nanoseconds sleep(Revision since, std::chrono::nanoseconds most);

  /// From here on somebody wants to be told.
  void follow();

  /// When somebody asked, and how much had been told by then.
  struct Question {
    std::uint64_t version = 0;
    std::chrono::nanoseconds asked{0};
  };
  /// For who asks. To be taken before asking, and given with the answer, which counts for nothing where there has
  /// been newer news. `at` is etcd's own number.
  [[nodiscard]] Question question() const;
  void confirm(const Question& question, Revision revision, std::uint64_t at);

 private:
  void begin(const Question& question, Revision revision, std::uint64_t at);
  void take_news();
  bool read_line(const std::string& line);
  bool read_event(const nlohmann::json& event);
  void adopt(Revision revision, std::uint64_t at);
  void end(bool failed);

  Gateway& gateway_;
  const std::string key_;
  mutable std::mutex mutex_;  // guards all below; the stream is also its who set busy_
  std::condition_variable changed_;
  std::unique_ptr<Stream> stream_;
  bool wanted_ = false;
  bool busy_ = false;
  std::size_t member_ = 0;
  Revision known_ = Revision::absent;
  std::uint64_t known_at_ = 0;
  std::uint64_t version_ = 0;
  bool missed_ = false;  ///< the answer to a question was ahead of the stream
  std::chrono::nanoseconds confirmed_{0};
  std::chrono::nanoseconds rests_until_{0};
};

}  // namespace tokenvault::etcd
