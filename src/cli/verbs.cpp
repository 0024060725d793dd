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
    Verb{"rollback", "make an older version's value the next version", "tokenvault rollback acme/api --to 3",
         run_rollback},
    Verb{"rm", "hide a token until it is undeleted", "tokenvault rm acme/old", run_rm},
    Verb{"undelete", "bring a removed token back", "tokenvault undelete acme/old", run_undelete},
    Verb{"destroy", "end a token and all its versions for good", "tokenvault destroy acme/old", run_destroy},
    Verb{"expiring", "list what expires soon; exits 17 where something does",
         "tokenvault expiring --within 14d || mail -s 'tokens expire' ops", run_expiring},
    Verb{"run", "start a command with tokens in its environment, in files or on descriptors",
         "tokenvault run --env API_TOKEN=acme/api -- ./deploy --all", run_run},
    Verb{"rotate", "take a token from old to new, or go on with it", "tokenvault rotate acme/api",
         run_rotate},
    Verb{"rotate start", "begin a rotation: nobody is asked yet", "tokenvault rotate start acme/api",
         run_rotate_start},
    Verb{"rotate stage", "get the new token, from its provider or from you, and seal it",
         "tokenvault rotate stage acme/api --from-file new-token.txt", run_rotate_stage},
    Verb{"rotate verify", "have the provider say whether the new token is good",
         "tokenvault rotate verify acme/api", run_rotate_verify},
    Verb{"rotate promote", "make the new token the current one",
         "tokenvault rotate promote acme/api --unverified", run_rotate_promote},
    Verb{"rotate retire", "end the old token now", "tokenvault rotate retire acme/api", run_rotate_retire},
    Verb{"rotate abort", "give a rotation up; the current token stays", "tokenvault rotate abort acme/api",
         run_rotate_abort},
    Verb{"rotate resume", "go on with what is open or owed, and begin nothing",
         "tokenvault rotate resume acme/api --dry-run", run_rotate_resume},
    Verb{"rotate waive", "take it that an old token is gone", "tokenvault rotate waive acme/api --version 3",
         run_rotate_waive},
    Verb{"rotate status", "say where rotations stand and what to do", "tokenvault rotate status",
         run_rotate_status},
    Verb{"rotate due", "rotate what is due, for a timer; exits 3 where something is left",
         "tokenvault rotate due --no-input || mail -s 'tokens wait' ops", run_rotate_due},
    Verb{"probe", "ask the provider whether a token is good", "tokenvault probe acme/api --previous",
         run_probe},
    Verb{"policy", "show or change how a token is rotated",
         "tokenvault policy acme/api --provider human --set url=https://acme.example --rotate-after 90d",
         run_policy},
    Verb{"helper git", "hand git the password for a server",
         "tokenvault helper git --for https://git.acme.example=acme/git get", run_helper_git},
    Verb{"helper docker", "hand docker the password for a registry", "tokenvault helper docker list",
         run_helper_docker},
    Verb{"helper aws", "hand out keys as a credential_process", "tokenvault helper aws --name acme/aws",
         run_helper_aws},
    Verb{"helper kubectl", "hand out a token as an exec credential plugin",
         "tokenvault helper kubectl --name acme/k8s", run_helper_kubectl},
    Verb{"helper curl", "write a header or a configuration for curl",
         "tokenvault helper curl --name acme/api | curl -H @- https://api.acme.example/v1", run_helper_curl},
    Verb{"import", "store all tokens of a file at once, or none",
         "tokenvault import --format dotenv --from-file .env --prefix acme/", run_import},
    Verb{"export", "write tokens for another program to read",
         "tokenvault export --format sh --reveal --env API_TOKEN=acme/api", run_export},
    Verb{"verify", "open and check every record of the vault", "tokenvault verify", run_verify},
    Verb{"doctor", "examine vault, keys, memory and tokens, and say what to do", "tokenvault doctor",
         run_doctor},
    Verb{"migrate", "move the vault to another place, keys and versions with it",
         "tokenvault migrate --from sqlite:vault.db --to file:vault.tv", run_migrate},
    Verb{"backup", "copy the sealed vault into one new file, or a variable",
         "tokenvault backup /mnt/usb/acme.tv", run_backup},
    Verb{"backup verify", "open a backup, its records and the slots that keys are given for",
         "tokenvault backup verify /mnt/usb/acme.tv --try-recovery-file code.txt --all", run_backup_verify},
    Verb{"restore", "put a backup in the vault's place, newer than all that was seen",
         "tokenvault restore /mnt/usb/acme.tv", run_restore},
    Verb{"unlock", "keep the vault's key in the kernel for a while, so that nothing need be typed",
         "tokenvault unlock --for 8h", run_unlock},
    Verb{"lock", "take that key away again", "tokenvault lock", run_lock},
    Verb{"key list", "list what opens the vault", "tokenvault key list", run_key_list},
    Verb{"key add", "add one more thing that opens the vault",
         "tokenvault key add --new-passphrase --label laptop", run_key_add},
    Verb{"key remove", "remove one of them", "tokenvault key remove 0011223344556677 --rotate",
         run_key_remove},
    Verb{"key verify", "say which slots the keys at hand open", "tokenvault key verify --key-file backup.key",
         run_key_verify},
    Verb{"key rotate", "change the master key, so that removed keys open nothing new",
         "tokenvault key rotate --keep-key-file ci.key", run_key_rotate},
    Verb{"completion", "print what completes this command in a shell",
         "tokenvault completion fish > ~/.config/fish/completions/tokenvault.fish", run_completion},
};

}  // namespace

std::span<const Verb> all_verbs() noexcept { return kVerbs; }

std::string members_of(std::string_view words) {
  std::string members;
  for (const auto& verb : kVerbs) {
    if (!verb.words.starts_with(words) || !verb.words.substr(words.size()).starts_with(' ')) continue;
    members += members.empty() ? "" : ", ";
    members += verb.words.substr(words.size() + 1);
  }
  return members;
}

const Verb* find_verb(std::string_view words) noexcept {
  const auto found = std::ranges::find(kVerbs, words, &Verb::words);
  return found == kVerbs.end() ? nullptr : &*found;
}

}  // namespace tokenvault::cli
