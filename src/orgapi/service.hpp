#pragma once
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "answer.hpp"
#include "ledger.hpp"
#include "request.hpp"
#include "session.hpp"
#include "throttle.hpp"
#include "tokenvault/issuer.hpp"

namespace tokenvault::orgapi {

struct ServiceOptions {
  std::string org, prefix;
  std::size_t refusals = 20;  ///< a minute, before further refused tokens get 429
};

/// The reference API: its routes, and what they share. Thread-safe.
class Service {
 public:
  /// `password` is what hash_password() made. `clock` must outlive it.
  Service(Issuer issuer, SecretBuffer password, ServiceOptions options, const Clock& clock);

  /// Before the first request: which port we are reached at.
  void set_port(std::uint16_t port) { port_ = port; }

  /// For HttpHandler: with the headers alone, and with the whole request.
  [[nodiscard]] std::optional<Answer> refuse(const Request& request, bool hides_bytes) const;
  [[nodiscard]] Answer answer(const Request& request);

  // What the routes use.
  [[nodiscard]] Issuer& issuer() noexcept { return issuer_; }
  [[nodiscard]] Ledger& ledger() noexcept { return ledger_; }
  [[nodiscard]] Sessions& sessions() noexcept { return sessions_; }
  [[nodiscard]] const ServiceOptions& options() const noexcept { return options_; }
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] std::string cookie_name() const;

  /// The grant of the token that `request` presents, or its refusal. Refused tries are throttled; a good token is not.
  [[nodiscard]] std::variant<Grant, Answer> authorize(const Request& request, std::string_view scope);
  /// Begins a session for who knows the password: its id, or the refusal.
  [[nodiscard]] std::variant<std::string, Answer> log_in(std::string_view peer, std::string_view password);

 private:
  [[nodiscard]] Answer refused_token(std::string_view who, Refusal why, std::string_view scope);

  Issuer issuer_;
  SecretBuffer password_;
  ServiceOptions options_;
  Sessions sessions_;
  Throttle refused_, log_ins_;
  Ledger ledger_;
  std::mutex one_password_;
  std::atomic<std::uint16_t> port_{0};  // the server knows it only once it listens
};

}  // namespace tokenvault::orgapi
