#include "verbs.hpp"

#include <algorithm>
#include <array>

namespace tokenvault::cli {
namespace {

constexpr std::array kVerbs{
    Verb{"init", "make a vault", "tokenvault init --recovery-file /media/usb/recovery.txt", run_init},
    Verb{"status", "say where the vault is, what opens it and how it is protected",
         "tokenvault status --json", run_status},
    Verb{"put", "store a value as the token's next version",
         "printf %s \"$VALUE\" | tokenvault put acme/api --stdin", run_put},
    Verb{"get", "write a token's value to stdout", "tokenvault get acme/api | some-client --token-stdin",
         run_get},
    Verb{"list", "list the names", "tokenvault list acme/", run_list},
    Verb{"show", "tell all about one token but its value", "tokenvault show acme/api", run_show},
    Verb{"history", "list the versions of one token", "tokenvault history acme/api", run_history},
    Verb{"run", "start a command with tokens in its environment",
         "tokenvault run --env API_TOKEN=acme/api -- ./deploy --all", run_run},
    Verb{"verify", "open and check every record of the vault", "tokenvault verify", run_verify},
    Verb{"key list", "list what opens the vault", "tokenvault key list", run_key_list},
    Verb{"key add", "add one more thing that opens the vault",
         "tokenvault key add --new-passphrase --label laptop", run_key_add},
    Verb{"key remove", "remove one of them", "tokenvault key remove 0011223344556677 --rotate",
         run_key_remove},
    Verb{"key verify", "say which slot the key at hand opens", "tokenvault key verify --key-file backup.key",
         run_key_verify},
    Verb{"key rotate", "change the master key, so that removed keys open nothing new",
         "tokenvault key rotate --keep-key-file ci.key", run_key_rotate},
};

}  // namespace

std::span<const Verb> all_verbs() noexcept { return kVerbs; }

const Verb* find_verb(std::string_view words) noexcept {
  const auto found = std::ranges::find(kVerbs, words, &Verb::words);
  return found == kVerbs.end() ? nullptr : &*found;
}

}  // namespace tokenvault::cli
