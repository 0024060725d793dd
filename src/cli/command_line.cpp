#include "command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "options.hpp"
#include "try.hpp"
#include "unlock.hpp"
#include "verbs.hpp"

namespace tokenvault::cli {
namespace {

constexpr std::array<std::string_view, 13> kGlobalsWithValue{"--vault",
                                                             "--key-file",
                                                             "--key-fd",
                                                             "--passphrase-fd",
                                                             "--passphrase-file",
                                                             "--passphrase-command",
                                                             "--identity-file",
                                                             "--unlock-recovery-file",
                                                             "--etcd-ca-file",
                                                             "--etcd-cert-file",
                                                             "--etcd-key-file",
                                                             "--etcd-user",
                                                             "--etcd-password-file"};

Error usage(const char* text) { return {Errc::invalid_argument, text}; }

std::string overview() {
  std::string text =
      "Usage: tokenvault [GLOBAL OPTIONS] VERB ...\n\nKeeps API tokens encrypted and hands them out.\n\n";
  for (const auto& verb : all_verbs()) text += fmt::format("  {:<15} {}\n", verb.words, verb.summary);
  return text + "\n`tokenvault VERB --help` lists the options of a verb and the global ones.\n";
}

/// A word of the user's is said back only where it is one of ours.
Error no_verb(const std::string& words) {
  const auto members = members_of(words);
  if (members.empty()) return usage("there is no such verb");
  return {Errc::invalid_argument, fmt::format("`{}` takes one more word: {}", words, members)};
}

/// What help says of the verbs that begin with `words`.
std::string group_help(const std::string& words) {
  std::string text;
  for (const auto& verb : all_verbs())
    if (verb.words.starts_with(words + ' ')) text += fmt::format("  {:<15} {}\n", verb.words, verb.summary);
  return text;
}

std::string group_page(const std::string& words) {
  const auto members = group_help(words);
  return members.empty() ? members : fmt::format("Usage: tokenvault {} VERB ...\n\n{}", words, members);
}

/// Moves the verb's one or two words out of `arguments`.
Result<std::string> take_verb(std::vector<std::string>& arguments, std::size_t at) {
  std::string words = arguments[at];
  auto end = at + 1;
  if (end < arguments.size() && find_verb(words + ' ' + arguments[end]) != nullptr)
    words += ' ' + arguments[end++];
  if (find_verb(words) == nullptr) return no_verb(words);
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
  const auto steps = group_help(request.verb);
  app.footer(fmt::format(
      "{}Example: {}", steps.empty() ? "" : "Steps, each a verb of its own:\n" + steps + '\n', verb.example));
  add_verb_options(app, request);
  add_global_options(app, request);
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
  auto verb = take_verb(arguments, at);
  if (!verb && among(arguments, "--help")) line.text = group_page(arguments[at]);
  if (!line.text.empty()) return line;
  TV_TRY(line.request.verb, std::move(verb));
  if (line.request.verb == "run") take_command(arguments, line.request);
  TV_CHECK(parse_options(std::move(arguments), line.request, line.text));
  if (count(line.request.unlock) > 1) return usage("two key sources are given: name one");
  return line;
}

}  // namespace tokenvault::cli
