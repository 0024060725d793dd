#pragma once
#include <optional>
#include <string>

#include "concurrency/task.hpp"
#include "tokenvault/vault.hpp"

namespace tokenvault::test {

inline SecretBuffer bytes(std::string_view text) { return SecretBuffer::copy_of(as_bytes(text)).value(); }

inline std::string text_of(const Token& token) {
  return fmt::format("{} {}", token.version, as_text(token.value.expose()));
}

/// Whoever comes first makes it.
inline Vault open_vault(const Task& task) {
  const auto key = KeySource::raw_key(bytes(std::string(32, 'k'))).value();
  VaultOptions options;
  options.timeout = task.timeout;
  auto made = Vault::create(open_place(task), key, options);
  return made ? *std::move(made) : Vault::open(open_place(task), key, options).value();
}

/// What one thread knows of one token, and what it says of it. Each tells whether all went well.
class TokenView {
 public:
  TokenView(Vault& vault, std::string name) : vault_(vault), name_(std::move(name)) {}

  bool get() {
    Diary::call(name_ + " get");
    const auto token = vault_.token(name_);
    if (!token && token.error().code() != Errc::not_found) {
      Diary::failed(token.error());
      return false;
    }
    known_ = token ? token->version : 0;
    Diary::done(token ? text_of(*token) : "0 -");
    return true;
  }

  bool put(const std::string& value) { return put_if(value, std::nullopt); }
  /// If it is still as this thread last saw it.
  bool swap(const std::string& value) { return put_if(value, known_); }

 private:
  bool put_if(const std::string& value, std::optional<std::uint32_t> condition) {
    Diary::call(condition ? fmt::format("{} put_if {} {}", name_, *condition, value)
                          : fmt::format("{} put {}", name_, value));
    const auto done = vault_.put(name_, bytes(value), {.if_version = condition});
    if (!done && done.error().code() != Errc::conflict) {
      Diary::failed(done.error());
      return false;
    }
    if (done) known_ = *done;
    Diary::done(done ? std::to_string(*done) : "conflict");
    return true;
  }

  Vault& vault_;
  std::string name_;
  std::uint32_t known_ = 0;
};

}  // namespace tokenvault::test
