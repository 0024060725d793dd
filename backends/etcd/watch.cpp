#include "etcd/watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/bytes.hpp"
#include "etcd/base64.hpp"
#include "etcd/swap.hpp"

namespace tokenvault::etcd {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr std::chrono::nanoseconds kTrust = 1s;  ///< how long silence means that nothing has changed
constexpr std::chrono::nanoseconds kRest = 1s;   ///< between two tries to follow
constexpr std::chrono::nanoseconds kPause = 50ms;

std::string request_for(const std::string& key, std::uint64_t from) {
  std::string body = R"({"create_request":{"key":")";
  append_base64(body, as_bytes(key));
  return body.append(fmt::format(R"(","start_revision":"{}"}}}})", from));
}

bool is_true(const json& document, const char* name) {
  const auto found = document.find(name);
  return found != document.end() && found->is_boolean() && found->get<bool>();
}

}  // namespace

std::optional<Revision> Watch::told() {
  const std::lock_guard lock(mutex_);
  wanted_ = true;
  if (stream_ && !stream_->is_ours()) stream_.reset();
  if (!busy_ && stream_ && stream_->is_due()) take_news();
  if (!stream_ || gateway_.clock().steady() - confirmed_ >= kTrust) return std::nullopt;
  return known_;
}

std::chrono::nanoseconds Watch::sleep(Revision since, std::chrono::nanoseconds most) {
  std::unique_lock lock(mutex_);
  if (stream_ && !stream_->is_ours()) stream_.reset();
  if (stream_ && known_ != since) return {};
  const auto span = std::min(most, stream_ ? kTrust : kPause);
  if (!stream_) {
    lock.unlock();
    gateway_.clock().sleep(span);
    return span;
  }
  // The library wakes early for time-outs of its own. What passed is not asked of a clock that tests may stop.
  const auto begun = std::chrono::steady_clock::now();
  const auto passed = [&] {
    return std::min<std::chrono::nanoseconds>(span, std::chrono::steady_clock::now() - begun);
  };
  if (busy_) {
    const auto before = version_;
    changed_.wait_for(lock, span, [&] { return !busy_ || version_ != before; });
    return version_ != before ? std::chrono::nanoseconds::zero() : passed();
  }
  busy_ = true;
  auto* const stream = stream_.get();
  lock.unlock();
  const bool due = stream->wait(std::chrono::ceil<std::chrono::milliseconds>(span));
  lock.lock();
  busy_ = false;
  if (stream_) take_news();
  changed_.notify_all();
  return due ? std::chrono::nanoseconds::zero() : passed();
}

void Watch::follow() {
  const std::lock_guard lock(mutex_);
  wanted_ = true;
}

Watch::Question Watch::question() const {
  const std::lock_guard lock(mutex_);
  return {version_, gateway_.clock().steady()};
}

/// An answer that is older by etcd's own count comes from a snapshot that was restored, and what is followed may lie
/// in a future that never comes.
void Watch::confirm(const Question& question, Revision revision, std::uint64_t at) {
  const std::lock_guard lock(mutex_);
  if (!stream_) return begin(question, revision, at);
  if (version_ != question.version && at <= known_at_) return;
  confirmed_ = std::max(confirmed_, question.asked);  // the answer may have been long on its way
  const bool ahead = revision != known_;
  const bool mute = ahead && missed_;
  if (ahead) adopt(revision, at);
  missed_ = ahead;
  if (!busy_ && (mute || at < known_at_)) end(mute);
}

/// Follows the key from an answer on, so that nothing lies between.
void Watch::begin(const Question& question, Revision revision, std::uint64_t at) {
  const auto now = gateway_.clock().steady();
  if (!wanted_ || now < rests_until_) return;
  rests_until_ = now + kRest;
  member_ = gateway_.members().order(now).front();
  stream_ = Stream::open(gateway_.tls(), gateway_.members().endpoint(member_) + "/v3/watch",
                         request_for(key_, at + 1), gateway_.token());
  missed_ = false;
  confirmed_ = question.asked;
  adopt(revision, at);
}

void Watch::adopt(Revision revision, std::uint64_t at) {
  known_ = revision;
  known_at_ = at;
  ++version_;
}

void Watch::take_news() {
  const bool alive = stream_->pump();
  while (const auto line = stream_->next_line())
    if (!read_line(*line)) return end(false);
  if (!alive) end(true);
}

void Watch::end(bool failed) {
  stream_.reset();
  ++version_;
  if (failed) gateway_.members().failed(member_, gateway_.clock().steady());
}

/// False where the stream is of no use any more: compacted away, or refused.
bool Watch::read_line(const std::string& line) {
  const auto document = parse_json(line);
  if (!document) return false;
  const auto result = document->find("result");
  if (result == document->end() || !result->is_object()) return false;
  if (is_true(*result, "canceled")) return false;
  const auto events = result->find("events");
  if (events == result->end()) return true;
  return events->is_array() &&
         std::ranges::all_of(*events, [this](const json& event) { return read_event(event); });
}

bool Watch::read_event(const json& event) {
  if (!event.is_object()) return false;
  const auto found = event.find("kv");
  if (found == event.end()) return false;
  const auto change = parse_key_value(*found);
  if (!change || change->key != key_) return false;
  missed_ = false;
  if (change->mod_revision <= known_at_) return true;
  const auto revision =
      text_of(event, "type") == "DELETE" ? std::optional(Revision::absent) : revision_of(change->value);
  if (!revision) return false;
  // That it is news says nothing of its age: it may have waited here, or a member that lags behind gave it.
  adopt(*revision, change->mod_revision);
  return true;
}

}  // namespace tokenvault::etcd
