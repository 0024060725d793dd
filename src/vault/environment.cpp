#include "tokenvault/environment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "core/bytes.hpp"
#include "core/mutant.hpp"
#include "core/try.hpp"
#include "crypto/random.hpp"
#include "crypto/scrub.hpp"
#include "vault/environment_block.hpp"
#include "vault/impl.hpp"

namespace tokenvault {
namespace {

bool is_variable(std::string_view text) {
  return !text.empty() && text.find('=') == std::string_view::npos &&
         text.find('\0') == std::string_view::npos;
}

// The C library compares names through vector registers, which take along what lies behind a name; the next
// call that is bound lazily would save them onto the stack.
char* find(const std::string& variable) {
  const crypto::ScrubScope scope;
  return std::getenv(variable.c_str());
}

void unset(const std::string& variable) {
  const crypto::ScrubScope scope;
  ::unsetenv(variable.c_str());
}

/// strlen(), a byte at a time for the same reason.
std::size_t length_of(const volatile char* value) {
  std::size_t size = 0;
  while (value[size] != '\0') ++size;
  return size;
}

/// Writes to memory that is surely writable only: what putenv() was given may be a literal.
Scrub scrub(const std::string& variable, char* value, std::size_t size) {
  char* const start = value - variable.size() - 1;
  const auto whole = variable.size() + 1 + size;
  if (!mutated("variable.block") && !EnvironmentBlock::of_process().holds(start, whole))
    return Scrub::not_in_initial_block;
  if (!mutated("variable.wipe")) ::explicit_bzero(start, whole);
  return Scrub::scrubbed;
}

Error malformed() {
  return {Errc::invalid_argument, "env-plain: takes NAME=VARIABLE, more of them after commas"};
}

Result<PlainMapping> parse_one(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || !is_variable(text.substr(equals + 1))) return malformed();
  TV_CHECK(check_name(text.substr(0, equals)));
  return PlainMapping{std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

/// A key that this process alone has, for as long as the vault is open.
Result<KeySource> make_key() {
  TV_TRY(auto key, SecretBuffer::allocate(32));
  crypto::random_fill(key.expose_writable());
  return KeySource::raw_key(std::move(key));
}

Result<std::vector<std::string>> consume_all(std::span<const PlainMapping> mappings, Vault& vault) {
  std::vector<std::string> not_scrubbed;
  for (const auto& mapping : mappings) {
    TV_TRY(const auto consumed, consume_variable(mapping.variable));
    if (consumed.scrub == Scrub::not_in_initial_block) not_scrubbed.push_back(mapping.variable);
    TV_CHECK(vault.put(mapping.name, consumed.value));
  }
  return not_scrubbed;
}

}  // namespace

Result<ConsumedVariable> consume_variable(const std::string& variable) {
  if (!is_variable(variable)) return Error(Errc::invalid_argument, "a variable's name is empty or holds '='");
  char* const value = find(variable);
  if (value == nullptr) return Error(Errc::no_key, fmt::format("the variable {} is not set", variable));
  const auto size = length_of(value);
  if (!mutated("variable.size") && (size == 0 || size > kMaxSecretSize))
    return Error(Errc::refused, fmt::format("the variable {} is empty or longer than 32 KiB", variable));
  TV_TRY(auto copy, SecretBuffer::copy_of(as_bytes({value, size})));
  // Unset first: it looks for the name, which is gone afterwards.
  if (!mutated("variable.unset")) unset(variable);
  return ConsumedVariable{std::move(copy), scrub(variable, value, size)};
}

Result<std::vector<PlainMapping>> parse_plain_mapping(std::string_view text) {
  std::vector<PlainMapping> mappings;
  for (std::size_t at = 0; at <= text.size();) {
    const auto end = std::min(text.find(',', at), text.size());
    TV_TRY(auto mapping, parse_one(text.substr(at, end - at)));
    const bool twice = std::ranges::any_of(mappings, [&](const PlainMapping& other) {
      return other.name == mapping.name || other.variable == mapping.variable;
    });
    if (twice && !mutated("variable.twice"))
      return Error(Errc::invalid_argument, "env-plain: names a token or a variable twice");
    mappings.push_back(std::move(mapping));
    at = end + 1;
  }
  return mappings;
}

Result<PlainEnvironment> open_plain_environment(std::span<const PlainMapping> mappings,
                                                const VaultOptions& options) {
  TV_TRY(auto store, open_memory_store());
  TV_TRY(const auto target, open_memory_store());
  TV_TRY(const auto key, make_key());
  TV_TRY(auto filled, Vault::create(std::move(store), key, options));
  TV_TRY(auto not_scrubbed, consume_all(mappings, filled));
  TV_CHECK(filled.backup_to(*target));
  TV_TRY(const auto sealed, copy_sealed(*target));
  TV_TRY(store, open_sealed_store(sealed));
  TV_TRY(auto vault, Vault::open(std::move(store), key, options));
  vault.impl_->call_plain();
  return PlainEnvironment{std::move(vault), std::move(not_scrubbed)};
}

}  // namespace tokenvault
