#pragma once
#include <sys/types.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "etcd/address.hpp"
#include "etcd/http.hpp"
#include "etcd/login.hpp"
#include "etcd/members.hpp"
#include "etcd/reply.hpp"
#include "etcd/transaction.hpp"
#include "tokenvault/etcd.hpp"

namespace tokenvault::etcd {

/// How a request is to be treated where no answer comes.
enum class Repeat : std::uint8_t {
  freely,  ///< a read: asked again, elsewhere
  never,   ///< a write: it may have happened, in_doubt
};

/// The cluster, spoken to through the JSON gateway that each member has. Thread-safe: each call takes a connection
/// that no other uses.
class Gateway {
 public:
  Gateway(Address address, EtcdOptions options);
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  [[nodiscard]] const std::string& prefix() const noexcept { return prefix_; }
  [[nodiscard]] const Clock& clock() const noexcept { return clock_; }

  /// Errors: those of a store's reads; unsupported where `query.revision` is not kept any more.
  Result<Range> range(const RangeQuery& query);
  /// Errors: in_doubt, unreachable, permission_denied, io (nothing changed).
  Result<Outcome> transact(const Transaction& transaction);
  /// Any other request that may be repeated.
  Result<nlohmann::json> ask(const char* path, std::string_view body);

  /// For a stream: a member to begin with, and what goes with each request.
  [[nodiscard]] Members& members() noexcept { return members_; }
  [[nodiscard]] const Tls& tls() const noexcept { return tls_; }
  [[nodiscard]] std::string token() const { return login_.token(); }

 private:
  struct Call;
  Result<nlohmann::json> call(const char* path, std::string_view body, Repeat repeat);
  std::optional<Result<nlohmann::json>> try_members(Call& call);
  std::optional<Result<nlohmann::json>> try_member(Call& call, std::size_t member);
  std::optional<Result<nlohmann::json>> understand(Call& call, std::size_t member, const Reply& reply);
  Result<nlohmann::json> accept(std::size_t member, const Reply& reply, Repeat repeat);
  Reply send(std::size_t member, const char* path, std::string_view body, const std::string& token,
             std::chrono::nanoseconds limit, Repeat repeat);
  Result<bool> enter(Call& call, std::size_t member);
  void gave_up(Call& call, std::size_t member, std::string trouble);
  Status log_in(std::size_t member, std::chrono::nanoseconds limit);
  void check_cluster(std::size_t member, const nlohmann::json& document);
  void warn_once(std::atomic<bool>& warned, const std::string& text);

  Handle borrow();
  void give_back(Handle handle);

  const std::string prefix_;
  const Tls tls_;
  const std::chrono::nanoseconds timeout_, answer_timeout_;
  const std::function<void(std::string_view)> warn_;
  const Clock& clock_;
  Login login_;
  Members members_;
  std::atomic<std::uint64_t> cluster_{0};
  std::atomic<bool> warned_cluster_ = false, warned_open_ = false;
  std::mutex mutex_;  // guards all below
  std::vector<Handle> idle_;
  const pid_t owner_;
};

}  // namespace tokenvault::etcd
