#pragma once
#include <mutex>
#include <string>

#include "tokenvault/secret.hpp"

namespace tokenvault::etcd {

/// An account of etcd's, and the token that stands for it until etcd says otherwise. Tokens are on the ordinary
/// heap, as the HTTP library needs them; the password is not. Thread-safe.
class Login {
 public:
  Login(std::string user, SecretBuffer password) : user_(std::move(user)), password_(std::move(password)) {}
  ~Login();
  Login(const Login&) = delete;
  Login& operator=(const Login&) = delete;

  [[nodiscard]] bool possible() const noexcept { return !user_.empty(); }
  /// Whether to log in before the first request, which would be refused.
  [[nodiscard]] bool due() const;
  [[nodiscard]] const std::string& user() const noexcept { return user_; }
  [[nodiscard]] std::string token() const;
  /// Empty where etcd has no accounts.
  void keep(std::string token);
  /// The next request logs in first, unless somebody has done so since `token` was given out.
  void forget(const std::string& token);

  /// What asks for a token: JSON with the password in it. Errors: out_of_memory, forked.
  [[nodiscard]] Result<SecretBuffer> request() const;

 private:
  const std::string user_;
  const SecretBuffer password_;
  mutable std::mutex mutex_;
  std::string token_;
  bool asked_ = false;
};

}  // namespace tokenvault::etcd
