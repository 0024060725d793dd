#include "command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <span>

#include "try.hpp"
#include "unlock.hpp"
#include "verbs.hpp"

namespace tokenvault::cli {
namespace {

constexpr std::array<std::string_view, 8> kGlobalsWithValue{
    "--vault",           "--key-file",           "--key-fd",        "--passphrase-fd",
    "--passphrase-file", "--passphrase-command", "--identity-file", "--unlock-recovery-file"};

constexpr std::string_view kNumber = "N";

void add_globals(CLI::App& app, Request& request) {
  auto& unlock = request.unlock;
  app.add_option("--vault", request.vault, "the vault: sqlite:PATH or a bare path")
      ->type_name("URI")
      ->group("Global");
  const auto source = [&app](const char* flag, auto& target, const std::string& type, const char* text) {
    auto* option = app.add_option(flag, target, text)->type_name(type)->group("Unlock");
    if (type == kNumber) option->check(CLI::NonNegativeNumber);
  };
  source("--key-file", unlock.key_file, "FILE", "a key file of 32 bytes");
  source("--key-fd", unlock.key_fd, "N", "the 32 bytes of a key from this descriptor");
  source("--passphrase-fd", unlock.passphrase_fd, "N",
         "a passphrase from this descriptor; one line end is stripped");
  source("--passphrase-file", unlock.passphrase_file, "FILE", "a passphrase from this file, likewise");
  source("--passphrase-command", unlock.passphrase_command, "COMMAND",
         "a passphrase from what /bin/sh -c prints");
  app.add_flag("--passphrase", unlock.passphrase, "ask for the passphrase at the terminal")->group("Unlock");
  source("--identity-file", unlock.identity_file, "FILE", "the private key of a recipient slot");
  source("--unlock-recovery-file", unlock.recovery_file, "FILE", "the recovery code from this file");
  app.add_flag("--unlock-recovery", unlock.recovery, "ask for the recovery code at the terminal")
      ->group("Unlock");
  app.add_flag("--json", request.json, "one JSON document on stdout, failures as one JSON line")
      ->group("Global");
  app.add_flag("--quiet", request.quiet, "leave out notices, not errors")->group("Global");
  app.add_flag("--no-input", request.no_input, "never ask at the terminal")->group("Global");
}

CLI::Option* add_name(CLI::App& app, Request& request) {
  return app.add_option("NAME", request.operand, "org/service or org/service/environment")
      ->type_name("")
      ->required();
}

void add_label(CLI::App& app, Request& request) {
  app.add_option("--label", request.label, "a remark of up to 255 bytes")->type_name("TEXT");
}

void add_kdf(CLI::App& app, Request& request) {
  app.add_option("--kdf-memory", request.kdf_memory_mib, "memory of a passphrase slot, 64 to 1024 (256)")
      ->type_name("MiB")
      ->check(CLI::Range(64, 1024));
  app.add_option("--kdf-passes", request.kdf_passes, "passes of a passphrase slot, 3 to 16 (3)")
      ->type_name("N")
      ->check(CLI::Range(3, 16));
}

void add_recovery_file(CLI::App& app, Request& request) {
  app.add_option("--recovery-file", request.recovery_file, "write the new recovery code here, 0600")
      ->type_name("FILE");
}

void add_rotation(CLI::App& app, Request& request) {
  auto& flags = request.rotation;
  app.add_option("--keep-key-file", flags.keep_key_files, "a key file that goes on opening the vault")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option("--keep-passphrase-fd", flags.keep_passphrase_fds, "the same for a passphrase")
      ->type_name("N")
      ->allow_extra_args(false)
      ->check(CLI::NonNegativeNumber);
  app.add_option("--drop", flags.drop, "a slot that ends here")->type_name("SLOT")->allow_extra_args(false);
}

void add_init(CLI::App& app, Request& request) {
  add_recovery_file(app, request);
  add_kdf(app, request);
}

void add_put(CLI::App& app, Request& request) {
  add_name(app, request);
  auto& value = request.value;
  auto* input = app.add_option_group("Value", "the value (default: hidden prompt)");
  input->add_flag("--stdin", value.from_stdin, "read it from stdin; one line end is stripped");
  input->add_option("--from-file", value.from_file, "read it from this file as it is")->type_name("FILE");
  input->add_option("--from-fd", value.from_fd, "read it from this descriptor as it is")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  input->require_option(0, 1);
  app.add_flag("--binary", value.binary, "allow control, space and non-ASCII bytes");
  app.add_option("--if-version", request.if_version,
                 "only if this is the current version; 0: no such token yet")
      ->type_name("N");
  app.add_option("--expires", request.expires, "RFC 3339, a date, or a span: 90d, 12h, 30m, 45s, 2w")
      ->type_name("TIME");
  add_label(app, request);
}

void add_get(CLI::App& app, Request& request) {
  add_name(app, request);
  auto* number = app.add_option("--version", request.version, "this version")
                     ->type_name("N")
                     ->check(CLI::PositiveNumber);
  app.add_flag("--previous", request.previous, "the version before the current one")->excludes(number);
  app.add_flag("--reveal", request.reveal, "show the value on a terminal, or within --json");
  app.add_flag("--expired-ok", request.expired_ok, "hand it out although it has expired");
}

void add_list(CLI::App& app, Request& request) {
  app.add_option("PREFIX", request.operand, "only names that begin so")->type_name("");
}

void add_show(CLI::App& app, Request& request) { add_name(app, request); }

void add_run(CLI::App& app, Request& request) {
  app.add_option("--env", request.environment, "put this token into this variable")
      ->type_name("VARIABLE=NAME")
      ->allow_extra_args(false);
}

void add_key_add(CLI::App& app, Request& request) {
  auto& flags = request.new_key;
  app.add_option("--new-key-file", flags.key_file, "a key file, made if it is not there")->type_name("FILE");
  app.add_flag("--new-passphrase", flags.passphrase, "a passphrase, asked for at the terminal");
  app.add_option("--new-passphrase-fd", flags.passphrase_fd, "a passphrase from this descriptor")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--recipient", flags.recipient, "an X25519 public key, or a file that holds it")
      ->type_name("HEX|FILE");
  app.add_option("--new-identity-file", flags.identity_file, "make a key pair, its private half here")
      ->type_name("FILE");
  app.add_flag("--recovery", flags.recovery, "a recovery code, shown at the terminal");
  add_recovery_file(app, request);
  add_label(app, request);
  add_kdf(app, request);
}

void add_key_remove(CLI::App& app, Request& request) {
  app.add_option("SLOT", request.operand, "its id, as `key list` shows it")->type_name("")->required();
  app.add_flag("--rotate", request.rotate, "change the master key with it");
  add_rotation(app, request);
}

struct VerbOptions {
  std::string_view words;
  void (*add)(CLI::App&, Request&);
};

/// Verbs that are not here have global options alone.
constexpr std::array kVerbOptions{VerbOptions{"init", add_init},
                                  VerbOptions{"put", add_put},
                                  VerbOptions{"get", add_get},
                                  VerbOptions{"list", add_list},
                                  VerbOptions{"show", add_show},
                                  VerbOptions{"history", add_show},
                                  VerbOptions{"run", add_run},
                                  VerbOptions{"key add", add_key_add},
                                  VerbOptions{"key remove", add_key_remove},
                                  VerbOptions{"key rotate", add_rotation}};

Error usage(const char* text) { return {Errc::invalid_argument, text}; }

std::string overview() {
  std::string text =
      "Usage: tokenvault [GLOBAL OPTIONS] VERB ...\n\nKeeps API tokens encrypted and hands them out.\n\n";
  for (const auto& verb : all_verbs()) text += fmt::format("  {:<12} {}\n", verb.words, verb.summary);
  return text + "\n`tokenvault VERB --help` lists the options of a verb and the global ones.\n";
}

/// Moves the verb's one or two words out of `arguments`.
Result<std::string> take_verb(std::vector<std::string>& arguments, std::size_t at) {
  std::string words = arguments[at];
  auto end = at + 1;
  if (words == "key" && end < arguments.size()) words += ' ' + arguments[end++];
  if (find_verb(words) == nullptr) return usage("there is no such verb");
  const auto first = arguments.begin();
  arguments.erase(first + static_cast<std::ptrdiff_t>(at), first + static_cast<std::ptrdiff_t>(end));
  return words;
}

/// The index of the first argument that is neither an option nor an option's value.
std::size_t find_verb_word(const std::vector<std::string>& arguments) {
  std::size_t at = 0;
  while (at < arguments.size() && arguments[at].starts_with('-'))
    at += std::ranges::find(kGlobalsWithValue, arguments[at]) == kGlobalsWithValue.end() ? 1 : 2;
  return std::min(at, arguments.size());
}

bool among(std::span<const std::string> arguments, std::string_view wanted) {
  return std::ranges::find(arguments, wanted) != arguments.end();
}

/// Everything after `--` is the command that `run` starts; only there it is not an option's business.
void take_command(std::vector<std::string>& arguments, Request& request) {
  const auto dashes = std::ranges::find(arguments, "--");
  if (dashes == arguments.end()) return;
  request.command.assign(dashes + 1, arguments.end());
  arguments.erase(dashes, arguments.end());
}

/// The fixed texts in place of CLI11's, which echo what was typed.
const char* text_of(const CLI::ParseError& error) {
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr)
    return "one argument too many, or an option that this verb has not got";
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr)
    return "an operand or option is missing, or given twice";
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr)
    return "an option lacks its value, or is given twice";
  if (dynamic_cast<const CLI::ExcludesError*>(&error) != nullptr) return "two options exclude each other";
  if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr ||
      dynamic_cast<const CLI::ValidationError*>(&error) != nullptr)
    return "an option's value is not of the kind it takes";
  return "the arguments make no sense together";
}

Status parse_options(std::vector<std::string> arguments, Request& request, std::string& help) {
  const auto& verb = *find_verb(request.verb);
  CLI::App app{std::string(verb.summary), "tokenvault " + request.verb};
  app.footer(fmt::format("Example: {}", verb.example));
  const auto found = std::ranges::find(kVerbOptions, verb.words, &VerbOptions::words);
  if (found != kVerbOptions.end()) found->add(app, request);
  add_globals(app, request);
  std::ranges::reverse(arguments);  // the order that CLI11 takes a vector in
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    help = app.help();
  } catch (const CLI::ParseError& error) {
    return usage(text_of(error));
  }
  return Ok{};
}

}  // namespace

bool wants_json(const std::vector<std::string>& arguments) {
  return among({arguments.begin(), std::ranges::find(arguments, "--")}, "--json");
}

Result<CommandLine> parse(std::vector<std::string> arguments) {
  CommandLine line;
  const auto at = find_verb_word(arguments);
  const std::span before(arguments.data(), at);
  if (among(before, "--version")) line.text = "tokenvault " TOKENVAULT_VERSION "\n";
  if (among(before, "--help") || among(before, "-h")) line.text = overview();
  if (!line.text.empty()) return line;
  if (at == arguments.size()) return usage("a verb is missing");
  TV_TRY(line.request.verb, take_verb(arguments, at));
  if (line.request.verb == "run") take_command(arguments, line.request);
  TV_CHECK(parse_options(std::move(arguments), line.request, line.text));
  if (count(line.request.unlock) > 1) return usage("two key sources are given: name one");
  return line;
}

}  // namespace tokenvault::cli
