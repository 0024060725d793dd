#include "tvp/run.hpp"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <utility>

#include "core/bytes.hpp"
#include "core/try.hpp"
#include "tokenvault/token_format.hpp"
#include "tvp/child.hpp"
#include "tvp/program.hpp"

namespace tokenvault::tvp {
namespace {

using std::chrono::seconds;

constexpr int kRefused = 3, kDoubt = 4;  // exit statuses

Status check_secrets(const ProviderRequest& request, const std::vector<NamedSecret>& secrets) {
  if (request.secrets.contains("token") || request.secrets.contains("current")) {
    return Error(Errc::invalid_argument,
                 "cannot ask a provider: a further secret may not be called token or current");
  }
  const auto is_gone = [](const NamedSecret& secret) {
    return secret.second != nullptr && secret.second->expose().size() != secret.second->size();
  };
  if (std::ranges::any_of(secrets, is_gone)) return Error(Errc::forked, "a secret does not cross fork()");
  return Ok{};
}

Feed feed_of(const std::string& text) { return Feed({as_bytes(text)}); }

Feed feed_of(const std::vector<NamedSecret>& secrets) {
  std::vector<std::span<const std::byte>> pieces;
  for (const auto& [name, secret] : secrets) {
    if (secret != nullptr) pieces.push_back(secret->expose());
  }
  return Feed(std::move(pieces));
}

/// The value is handed over whatever happens; the copy serves only to find it in what the program says.
void take(Arrival& arrival, SecretBuffer value, const KeepToken& keep) {
  arrival.came = true;
  auto copy = SecretBuffer::copy_of(value.expose());
  arrival.unknown = !copy;
  if (copy) arrival.copy = *std::move(copy);
  if (auto kept = keep(std::move(value)); !kept) arrival.failure = std::move(kept).error();
}

/// `error` with what was attempted.
Error cannot_run(const std::string& program, Verb verb, const Error& error) {
  return Error(error.code(), fmt::format("cannot run {} {}: {}", program, to_string(verb), error.message()),
               error.os_error());
}

}  // namespace

Result<Run> Run::of(const std::string& program, Verb verb, const ProviderRequest& request,
                    const KeepToken* keep) {
  const auto secrets = secrets_of(verb, request);
  TV_CHECK(check_secrets(request, secrets));
  TV_CHECK(check_program(program));
  const std::string text = request_text(verb, request, secrets);
  const seconds timeout = std::clamp<seconds>(request.timeout, seconds(1), std::chrono::hours(1));
  Arrival arrival;
  TV_TRY(auto conversation, Conversation::prepare(keep != nullptr, [&](SecretBuffer value) {
           take(arrival, std::move(value), *keep);
         }));
  auto child = Child::start(program, to_string(verb), keep != nullptr);
  if (!child) return cannot_run(program, verb, child.error());
  auto said = conversation.run(*child, feed_of(text), feed_of(secrets), timeout);
  if (!said) return cannot_run(program, verb, said.error());
  Run run(*std::move(said), std::move(arrival), timeout);
  run.know(secrets);
  return run;
}

void Run::know(const std::vector<NamedSecret>& secrets) {
  for (const auto& [name, secret] : secrets) {
    if (secret != nullptr) redaction_.add(*secret);
  }
  redaction_.add(arrival_.copy);
}

Outcome Run::outcome() const noexcept {
  if (said_.chatty || said_.unfed || said_.status == -1 || !WIFEXITED(said_.status)) return Outcome::doubt;
  switch (WEXITSTATUS(said_.status)) {
    case 0: return Outcome::done;
    case kRefused: return Outcome::refused;
    default: return Outcome::doubt;
  }
}

Status Run::kept() const {
  if (arrival_.failure) return *arrival_.failure;
  return Ok{};
}

std::string Run::redacted(std::string_view text) const {
  return is_mute() ? std::string() : one_line(redact_tokens(redaction_.clean(text)));
}

bool Run::holds_secret(std::string_view text) const {
  return is_mute() || redaction_.finds_in(text) || parse_token(text);
}

std::string Run::ending() const {
  if (said_.chatty) return fmt::format("its answer is longer than {} KiB", kMaxAnswer / 1024);
  if (said_.unfed) return "the system did not let it read its request";
  if (said_.status == -1) return "its exit status is not known";
  if (said_.late && WIFSIGNALED(said_.status))
    return fmt::format("it did not end within {} s", timeout_.count());
  if (WIFSIGNALED(said_.status)) return fmt::format("it was ended by signal {}", WTERMSIG(said_.status));
  switch (WEXITSTATUS(said_.status)) {
    case kRefused: return "it refused";
    case kDoubt: return "it cannot tell what has happened";
    default: return fmt::format("it ended with status {}", WEXITSTATUS(said_.status));
  }
}

std::string Run::words(std::string_view message) const {
  if (is_mute()) return {};
  if (auto line = redacted(message); !line.empty()) return line;
  return last_line(redact_tokens(redaction_.clean(as_text(said_.words.expose()))),
                   said_.words.size() == kMaxWords);
}

std::string Run::reason(std::string_view fault, std::string_view message) const {
  const std::string what = fault.empty() ? ending() : std::string(fault);
  const std::string said = words(message);
  const bool by_design = fault.empty() && !said_.chatty && !said_.unfed && said_.status != -1 &&
                         WIFEXITED(said_.status) &&
                         (WEXITSTATUS(said_.status) == kRefused || WEXITSTATUS(said_.status) == kDoubt);
  if (by_design && !said.empty()) return said;
  return one_line(said.empty() ? what : what + ": " + said);
}

}  // namespace tokenvault::tvp
