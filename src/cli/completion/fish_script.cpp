#include <fmt/format.h>

#include <set>

#include "shape.hpp"
#include "shell_text.hpp"

namespace tokenvault::cli {
namespace {

constexpr std::string_view kFunctions = R"script(
# The words before the cursor: the verb so far, on one line, then each word that follows it.
function __tokenvault_look
    set -l verb
    set -l operands
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
            case --
                break
            case '--*=*'
            case '-*'
                contains -- $word $__tokenvault_valued; and set skip 1
            case '*'
                if test (count $operands) = 0; and contains -- (string join ' ' -- $verb $word) $__tokenvault_paths
                    set -a verb $word
                else
                    set -a operands $word
                end
        end
    end
    echo "$verb"
    printf '%s\n' $operands
end

# Whether the cursor is behind the verb $argv[1], or behind it and nothing else.
function __tokenvault_in
    not __tokenvault_in_command; and test "$(__tokenvault_look | head -n 1)" = "$argv[1]"
end
function __tokenvault_right_after
    set -l found (__tokenvault_look)
    not __tokenvault_in_command; and test "$found[1]" = "$argv[1]"; and test -z "$found[2]"
end
function __tokenvault_in_command
    contains -- -- (commandline -opc); and test "$(__tokenvault_look | head -n 1)" = run
end

# The names in the vault, if they are to be had at once and without asking anybody.
function __tokenvault_names
    set -l words (commandline -opc)
    set -l where
    for i in (seq 2 (count $words))
        switch $words[$i]
            case --vault --key-file
                set -l place $words[(math $i + 1)]
                string match -q '~/*' -- $place; and set place $HOME/(string sub -s 3 -- $place)
                set -a where $words[$i] $place
            case '--vault=*' '--key-file=*'
                set -a where $words[$i]
        end
    end
    timeout -k 1 3 $words[1] --no-input --quiet $where list </dev/null 2>/dev/null
end
function __tokenvault_assignments
    set -l typed (string split -m 1 = -- (commandline -ct))
    test (count $typed) = 2; and __tokenvault_names | string replace -r '^' -- "$typed[1]="
end

complete -c tokenvault -f
complete -c tokenvault -n __tokenvault_in_command -F
complete -c tokenvault -n '__tokenvault_right_after ""' -l version -d 'say which tokenvault this is'
)script";

std::string fish_quoted(std::string_view text) { return quoted(text, R"(\')"); }

/// What `complete` needs for a value of that kind; empty for a flag.
std::string value_words(const std::string& kind) {
  if (kind == "flag") return "";
  if (kind == "file") return " -r -F";
  if (kind == "name") return " -x -a '(__tokenvault_names)'";
  if (kind == "assign") return " -x -a '(__tokenvault_assignments)'";
  return kind == "none" ? " -x" : fmt::format(" -x -a '{}'", kind.substr(kind.find(' ') + 1));
}

std::string operand_words(const std::string& kind) {
  if (kind == "file") return " -F";
  if (kind == "name") return " -a '(__tokenvault_names)'";
  return fmt::format(" -a '{}'", kind.substr(kind.find(' ') + 1));
}

std::string option_line(const OptionShape& option, const std::string& condition) {
  return fmt::format("complete -c tokenvault{} -l {}{} -d {}\n", condition, option.name.substr(2),
                     value_words(option.kind), fish_quoted(option.text));
}

std::string when(std::string_view function, std::string_view words) {
  return fmt::format(" -n '{} \"{}\"'", function, words);
}

std::string lines_of(const VerbShape& verb) {
  const auto blank = verb.words.rfind(' ');
  const auto group = blank == std::string::npos ? std::string() : verb.words.substr(0, blank);
  auto text = fmt::format("complete -c tokenvault{} -a {} -d {}\n", when("__tokenvault_right_after", group),
                          verb.words.substr(blank + 1), fish_quoted(verb.text));
  for (const auto& option : verb.options) text += option_line(option, when("__tokenvault_in", verb.words));
  if (verb.operand != "none")
    text += fmt::format("complete -c tokenvault{}{}\n", when("__tokenvault_right_after", verb.words),
                        operand_words(verb.operand));
  return text;
}

}  // namespace

std::string fish_script() {
  const auto verbs = verb_shapes();
  const auto globals = global_shapes();
  std::set<std::string> valued;
  std::string paths;
  std::string lines;
  const auto note = [&](const OptionShape& option) {
    if (option.kind != "flag") valued.insert(option.name);
  };
  for (const auto& option : globals) {
    note(option);
    lines += option_line(option, " -n 'not __tokenvault_in_command'");
  }
  for (const auto& verb : verbs) {
    paths += ' ' + fish_quoted(verb.words);
    lines += lines_of(verb);
    for (const auto& option : verb.options) note(option);
  }
  return fmt::format(
      "# Completion for fish, made by `tokenvault completion fish`.\nset -g __tokenvault_paths{}\n"
      "set -g __tokenvault_valued {}\n{}{}",
      paths, fmt::join(valued, " "), kFunctions, lines);
}

}  // namespace tokenvault::cli
