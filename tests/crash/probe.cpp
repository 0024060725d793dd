// A vault's life in numbered steps, one acknowledgement a step, for the sweep to break at every call.
//   probe live URI FIRST LAST   does the steps; prints "ack N" after each, "error N KIND" and ends
//   probe state URI [KEY [on]]  prints all that a user can see of the vault, or why nothing can be; KEY is the file of a
//                               raw key, "on" stores one more token and says "went on"
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>

#include "core/bytes.hpp"
#include "tokenvault/vault.hpp"

namespace tokenvault {
namespace {

/// Unbuffered: what was said before a kill was said.
void say(const std::string& line) {
  const auto text = line + "\n";
  for (std::string_view left = text; !left.empty();) {
    const auto written = ::write(STDOUT_FILENO, left.data(), left.size());
    if (written < 0) std::_Exit(9);
    left.remove_prefix(static_cast<std::size_t>(written));
  }
}

SecretBuffer bytes(std::string_view text) { return SecretBuffer::copy_of(as_bytes(text)).value(); }
KeySource key(char fill) { return KeySource::raw_key(bytes(std::string(32, fill))).value(); }

auto open_place(const std::string& uri, bool create) {
  return open_store(uri, {.lock_timeout = std::chrono::seconds(5), .create = create});
}

Result<Vault> open_vault(const std::string& uri, bool create) {
  auto store = open_place(uri, create);
  if (!store) return store.error();
  VaultOptions options;
  options.timeout = std::chrono::milliseconds(300);  // nobody else writes, and a fault may last for ever
  return create ? Vault::create(*std::move(store), key('k'), options)
                : Vault::open(*std::move(store), key('k'), options);
}

Status store_token(Vault& vault, const std::string& name, const std::string& value) {
  const auto stored = vault.put(name, bytes(value));
  return stored ? Status(Ok{}) : stored.error();
}

/// Beside the open vault, as an operator would.
Status compact(const std::string& uri) {
  auto store = open_place(uri, false);
  return store ? (*store)->compact() : store.error();
}

/// Twelve puts make the top node split on the way; their records are large enough to fill WAL frames.
Status step(std::optional<Vault>& vault, const std::string& uri, int number) {
  if (number == 1) {
    auto made = open_vault(uri, true);
    if (!made) return made.error();
    vault.emplace(*std::move(made));
    return Ok{};
  }
  if (number == 5) {
    const auto added = vault->add_key(key('b'), "second");
    return added ? Status(Ok{}) : added.error();
  }
  if (number == 8) {
    const auto second = key('b');
    return vault->rotate_master({.keep = {&second}});
  }
  if (number == 11) {
    const auto slot = vault->check_key(key('b'));
    return slot ? vault->remove_key(*slot) : slot.error();
  }
  if (number == 13)
    if (const auto compacted = compact(uri); !compacted) return compacted;
  if (number % 2 == 0)
    return store_token(*vault, "shared", std::string(3000, static_cast<char>('a' + number)));
  return store_token(*vault, fmt::format("token/{}/{}", number, std::string(180, 'n')),
                     fmt::format("value {}", number));
}

int live(const std::string& uri, int first, int last) {
  std::optional<Vault> vault;
  if (first > 1) vault.emplace(open_vault(uri, false).value());
  for (int number = first; number <= last; ++number) {
    const auto done = step(vault, uri, number);
    if (!done) {
      say(fmt::format("error {} {} {}", number, to_string(done.error().code()), done.error().message()));
      std::_Exit(0);  // dies of it: an orderly end would undo what a failed commit left in the log
    }
    say(fmt::format("ack {}", number));
  }
  return 0;
}

int number(const char* text) { return std::atoi(text); }

}  // namespace
}  // namespace tokenvault

int main(int count, char** words) {
  if (count == 5 && std::string_view(words[1]) == "live")
    return tokenvault::live(words[2], tokenvault::number(words[3]), tokenvault::number(words[4]));
  return 2;
}
