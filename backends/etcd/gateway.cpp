#include "etcd/gateway.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/bytes.hpp"
#include "core/try.hpp"

namespace tokenvault::etcd {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr std::size_t kMostIdle = 8;
constexpr std::chrono::nanoseconds kPause = 50ms;

// grpc.github.io/grpc/core/md_doc_statuscodes.html
enum GrpcCode : int {
  kInvalidArgument = 3,
  kNotFound = 5,
  kPermissionDenied = 7,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kUnauthenticated = 16,
};

bool has(const Fault& fault, std::string_view text) { return fault.message.find(text) != std::string::npos; }

/// A log-in that is missing, ran out, or is older than the latest change of accounts.
bool wants_login(const Reply& reply, const Fault& fault) {
  return reply.status == 401 || fault.code == kUnauthenticated || has(fault, "user name is empty") ||
         has(fault, "revision of auth store is old") || has(fault, "invalid auth token");
}

/// Whether etcd has refused. With any other code, also one that HTTP has below 500, it may have given up waiting for
/// an answer of its own, as a member does that is being stopped, and the change happens all the same.
bool is_final(const Fault& fault) {
  constexpr std::array kRefusals = {kInvalidArgument,    kNotFound,   kPermissionDenied, kResourceExhausted,
                                    kFailedPrecondition, kOutOfRange, kUnimplemented,    kUnauthenticated};
  return std::ranges::find(kRefusals, fault.code) != kRefusals.end();
}

Error refusal(const std::string& endpoint, const Fault& fault) {
  if (fault.code == kPermissionDenied)
    return {Errc::permission_denied,
            fmt::format("etcd at {} denies access to the vault's keys: grant the account a role for them, as "
                        "docs/etcd.md says",
                        endpoint)};
  if (has(fault, "space exceeded"))
    return {Errc::io, fmt::format("etcd at {} has used up its space and takes no changes: compact and "
                                  "defragment it, then disarm its alarm",
                                  endpoint)};
  if (fault.code == kResourceExhausted)
    return {Errc::unavailable,
            fmt::format("etcd at {} is overloaded; nothing was changed: try again", endpoint)};
  if (fault.code == kOutOfRange)
    return {Errc::unsupported, fmt::format("etcd at {} has no such revision: {}", endpoint, fault.message)};
  if (has(fault, "CommonName"))
    return {
        Errc::permission_denied,
        fmt::format("etcd at {} takes no certificate with a common name through its gateway: use one with an "
                    "empty CN, as docs/etcd.md says",
                    endpoint)};
  return {Errc::io, fmt::format("etcd at {} refused the request: {}", endpoint,
                                fault.message.empty() ? "no reason given" : fault.message)};
}

Error unwanted(const std::string& endpoint) {
  return {
      Errc::permission_denied,
      fmt::format(
          "etcd at {} does not take this client's certificate, or wants one: it may have expired, or be of "
          "another authority than etcd trusts",
          endpoint)};
}

std::string trouble_of(const Reply& reply, const Fault& fault) {
  if (reply.delivery != Delivery::answered) return reply.trouble;
  return fault.message.empty() ? fmt::format("HTTP status {}", reply.status) : fault.message;
}

std::string joined(const std::vector<std::string>& endpoints) {
  return fmt::format("{}", fmt::join(endpoints, ","));
}

}  // namespace

/// One request on its way, and what came of it so far.
struct Gateway::Call {
  const char* path;
  std::string_view body;
  Repeat repeat;
  std::chrono::nanoseconds until;
  std::string trouble;
  std::string refused_by;  ///< an endpoint that does not take our certificate
};

Gateway::Gateway(Address address, EtcdOptions options)
    : prefix_(std::move(address.prefix)),
      tls_{std::move(options.ca_file), std::move(options.cert_file), std::move(options.key_file)},
      timeout_(options.timeout),
      answer_timeout_(options.answer_timeout),
      warn_(std::move(options.warn)),
      clock_(options.clock != nullptr ? *options.clock : system_clock()),
      login_(std::move(options.user), std::move(options.password)),
      members_(std::move(address.endpoints)),
      owner_(::getpid()) {}

/// In a forked child the connections are the parent's: to close one would say goodbye in its name.
Gateway::~Gateway() {
  if (::getpid() == owner_) return;
  for (auto& handle : idle_) (void)handle.release();
}

Handle Gateway::borrow() {
  // A forked child leaves its parent's alone.
  if (::getpid() == owner_) {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto handle = std::move(idle_.back());
      idle_.pop_back();
      return handle;
    }
  }
  return make_handle(tls_);
}

void Gateway::give_back(Handle handle) {
  const std::lock_guard lock(mutex_);
  if (handle && ::getpid() == owner_ && idle_.size() < kMostIdle) idle_.push_back(std::move(handle));
}

Reply Gateway::send(std::size_t member, const char* path, std::string_view body, const std::string& token,
                    std::chrono::nanoseconds limit, Repeat repeat) {
  auto handle = borrow();
  const auto within = std::chrono::ceil<std::chrono::milliseconds>(std::min(limit, answer_timeout_));
  auto reply = exchange(handle.get(),
                        {members_.endpoint(member) + path, body, token, within, repeat == Repeat::freely});
  give_back(std::move(handle));
  return reply;
}

void Gateway::warn_once(std::atomic<bool>& warned, const std::string& text) {
  if (warn_ && !warned.exchange(true)) warn_(text);
}

void Gateway::check_cluster(std::size_t member, const json& document) {
  const auto cluster = cluster_of(document);
  std::uint64_t known = 0;
  if (cluster == 0 || cluster_.compare_exchange_strong(known, cluster) || known == cluster) return;
  warn_once(
      warned_cluster_,
      fmt::format("etcd at {} is of another cluster than was there before: changes made in the one are not "
                  "in the other",
                  members_.endpoint(member)));
}

Status Gateway::log_in(std::size_t member, std::chrono::nanoseconds limit) {
  constexpr const char* kPath = "/v3/auth/authenticate";
  const auto& endpoint = members_.endpoint(member);
  TV_TRY(const auto request, login_.request());
  const auto reply = send(member, kPath, as_text(request.expose()), {}, limit, Repeat::freely);
  if (reply.refused) return unwanted(endpoint);
  const auto fault = parse_fault(reply.body);
  if (reply.delivery != Delivery::answered || (reply.status != 200 && !is_final(fault)))
    return Error(Errc::unreachable, fmt::format("no log-in at {}: {}", endpoint, trouble_of(reply, fault)));
  if (reply.status == 200) {
    auto document = parse_json(reply.body);
    auto token = document ? text_of(*document, "token") : std::string();
    // It becomes a line of other requests' heads, at other members too.
    if (token.empty() || !std::ranges::all_of(token, [](char c) { return c > ' ' && c <= '~'; }))
      return Error(Errc::io, fmt::format("etcd at {} gave no log-in", endpoint));
    login_.keep(std::move(token));
    return Ok{};
  }
  if (fault.code == kFailedPrecondition || has(fault, "not enabled")) {
    warn_once(
        warned_open_,
        fmt::format("etcd at {} asks nobody who they are: whoever reaches it can take the vault's place",
                    endpoint));
    login_.keep({});
    return Ok{};
  }
  if (!has(fault, "authentication failed") && fault.code != kUnauthenticated) return refusal(endpoint, fault);
  return Error(Errc::permission_denied, fmt::format("etcd at {} does not take the user {} with this password",
                                                    endpoint, login_.user()));
}

Result<json> Gateway::accept(std::size_t member, const Reply& reply, Repeat repeat) {
  const auto& endpoint = members_.endpoint(member);
  auto document = parse_json(reply.body);
  if (document && document->contains("header")) {
    members_.answered(member);
    check_cluster(member, *document);
    return *std::move(document);
  }
  return Error(repeat == Repeat::freely ? Errc::io : Errc::in_doubt,
               fmt::format("{} does not answer as etcd does: is it the right port?", endpoint));
}

/// A try that the end of the call cuts short knows less than the one before it.
void Gateway::gave_up(Call& call, std::size_t member, std::string trouble) {
  if (call.trouble.empty() || clock_.steady() < call.until) call.trouble = std::move(trouble);
  members_.failed(member, clock_.steady());
}

/// What an answer settles; nothing where another member is to be asked.
std::optional<Result<json>> Gateway::understand(Call& call, std::size_t member, const Reply& reply) {
  if (reply.delivery == Delivery::answered && reply.status == 200) return accept(member, reply, call.repeat);
  const auto fault = parse_fault(reply.body);
  if (reply.delivery == Delivery::answered && is_final(fault)) {
    members_.answered(member);
    return Result<json>(refusal(members_.endpoint(member), fault));
  }
  gave_up(call, member, fmt::format("{}: {}", members_.endpoint(member), trouble_of(reply, fault)));
  if (reply.refused) call.refused_by = members_.endpoint(member);
  if (reply.delivery == Delivery::not_sent || call.repeat == Repeat::freely) return std::nullopt;
  return Result<json>(
      Error(Errc::in_doubt, fmt::format("etcd did not say whether it happened: {}", call.trouble)));
}

/// False where this member does not log us in for want of an answer.
Result<bool> Gateway::enter(Call& call, std::size_t member) {
  const auto done = log_in(member, call.until - clock_.steady());
  if (done) return true;
  if (done.error().code() != Errc::unreachable) return done.error();
  gave_up(call, member, done.error().message());
  return false;
}

std::optional<Result<json>> Gateway::try_member(Call& call, std::size_t member) {
  for (bool entered = false;;) {
    if (login_.due()) {
      const auto done = enter(call, member);
      if (!done) return Result<json>(done.error());
      if (!*done) return std::nullopt;
      entered = true;
    }
    const auto token = login_.token();
    const auto reply = send(member, call.path, call.body, token, call.until - clock_.steady(), call.repeat);
    // One from a future that a restored snapshot took back is not refused, but waited for without end.
    if (reply.delivery == Delivery::lost) login_.forget(token);
    // Refused at the door: whatever it was, it did not happen.
    const bool refused = reply.delivery == Delivery::answered && reply.status >= 400 && reply.status < 500 &&
                         wants_login(reply, parse_fault(reply.body));
    if (!refused) return understand(call, member, reply);
    const auto& endpoint = members_.endpoint(member);
    if (!login_.possible())
      return Result<json>(
          Error(Errc::permission_denied,
                fmt::format("etcd at {} wants to know who we are: name a user and a password", endpoint)));
    if (entered)
      return Result<json>(
          Error(Errc::permission_denied,
                fmt::format("etcd at {} does not take the log-in it has just given", endpoint)));
    login_.forget(token);
  }
}

std::optional<Result<json>> Gateway::try_members(Call& call) {
  for (const auto member : members_.order(clock_.steady())) {
    if (clock_.steady() >= call.until) return std::nullopt;
    if (auto settled = try_member(call, member)) return settled;
  }
  return std::nullopt;
}

Result<json> Gateway::call(const char* path, std::string_view body, Repeat repeat) {
  Call call{path, body, repeat, clock_.steady() + timeout_, {}, {}};
  for (;;) {
    if (auto settled = try_members(call)) return *std::move(settled);
    if (!call.refused_by.empty()) return unwanted(call.refused_by);
    const auto left = call.until - clock_.steady();
    if (left <= kPause) break;
    clock_.sleep(kPause);
  }
  return Error(Errc::unreachable, fmt::format("no member of etcd answers ({}); the last was {}",
                                              joined(members_.endpoints()), call.trouble));
}

Result<Range> Gateway::range(const RangeQuery& query) {
  TV_TRY(const auto document, call("/v3/kv/range", query.body(), Repeat::freely));
  auto range = parse_range(document);
  if (!range) return Error(Errc::io, "etcd's answer to a read is not what etcd sends");
  return *std::move(range);
}

Result<Outcome> Gateway::transact(const Transaction& transaction) {
  TV_TRY(const auto document, call("/v3/kv/txn", transaction.body(), Repeat::never));
  auto outcome = parse_outcome(document);
  const bool unread = outcome && !outcome->succeeded && transaction.looks() && outcome->reads.empty();
  if (!outcome || unread) return Error(Errc::in_doubt, "etcd's answer to a change is not what etcd sends");
  return *std::move(outcome);
}

Result<json> Gateway::ask(const char* path, std::string_view body) {
  return call(path, body, Repeat::freely);
}

}  // namespace tokenvault::etcd
