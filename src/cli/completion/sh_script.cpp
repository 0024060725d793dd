// bash and zsh: what both can run is written once.
#include <fmt/format.h>

#include "shape.hpp"
#include "shell_text.hpp"

namespace tokenvault::cli {
namespace {

constexpr std::string_view kShared = R"script(
# Whether the words $1 are a verb or begin one.
_tokenvault_is_path() {
  local entry
  for entry in "${_tokenvault_verbs[@]}"; do
    case "${entry%%:*} " in "$1 "*) return 0 ;; esac
  done
  return 1
}

# From the words before the cursor: tv_path, the verb so far; tv_operands, how many words followed it;
# tv_kind, what the option just before takes; tv_vault, what says where the names are.
_tokenvault_look() {
  local word last=''
  tv_path='' tv_operands=0 tv_kind='' tv_command='' tv_vault=()
  for word in "$@"; do
    if [[ -n $tv_command ]]; then tv_command=further; continue; fi
    if [[ -n $tv_kind ]]; then
      case $last in --vault | --key-file) tv_vault+=("$last" "$word") ;; esac
      tv_kind=''
      continue
    fi
    last=$word
    case $word in
      --) [[ $tv_path == run ]] && tv_command=first ;;
      --vault=* | --key-file=*) tv_vault+=("${word%%=*}" "${word#*=}") ;;
      --*=*) ;;
      -*) _tokenvault_kind "$tv_path" "$word" ;;
      *)
        if [[ $tv_operands == 0 ]] && _tokenvault_is_path "${tv_path:+$tv_path }$word"; then
          tv_path="${tv_path:+$tv_path }$word"
        else
          tv_operands=$((tv_operands + 1))
        fi ;;
    esac
  done
}

# The words that may come next, as WORD:TEXT.
_tokenvault_next_words() {
  local entry rest
  tv_next=()
  [[ $tv_operands == 0 ]] || return
  for entry in "${_tokenvault_verbs[@]}"; do
    rest=${entry%%:*}
    if [[ -n $tv_path ]]; then
      [[ $rest == "$tv_path "* ]] || continue
      rest=${rest#"$tv_path "}
    fi
    [[ $rest == *' '* ]] || tv_next+=("$rest:${entry#*:}")
  done
}

# The names in the vault, one a line, if they are to be had at once and without asking anybody. What is typed
# is used as it stands, and not at all where the shell would make something else of it.
_tokenvault_names() {
  local word
  local -a where
  where=()
  for word in "${tv_vault[@]}"; do
    case $word in
      *[\'\"\$\`\\*?\[]*) return ;;
      '~/'*) where+=("$HOME/${word#'~/'}") ;;
      *) where+=("$word") ;;
    esac
  done
  timeout -k 1 3 "$1" --no-input --quiet "${where[@]}" list </dev/null 2>/dev/null
}
)script";

constexpr std::string_view kBash = R"script(
# Puts the words together again that = and : parted, up to the cursor.
_tokenvault_line() {
  local rest=${COMP_LINE:0:COMP_POINT} blank word i
  tv_words=()
  for ((i = 0; i <= COMP_CWORD; i++)); do
    blank=${rest%%[![:blank:]]*}
    rest=${rest#"$blank"}
    word=${COMP_WORDS[i]}
    if ((i == COMP_CWORD)); then word=$rest; fi
    rest=${rest#"$word"}
    if ((i == 0)) || [[ -n $blank ]]; then tv_words+=("$word"); else tv_words[-1]+=$word; fi
  done
}

# Names that go on from $2, which is as typed; in front of each stands $3.
_tokenvault_add_names() {
  local typed=$2 quote='' name written
  case $typed in \'* | \"*) quote=${typed:0:1} typed=${typed:1} ;; esac
  while IFS= read -r name; do
    case $quote in
      \') [[ $name != *\'* ]] || continue; written=$name ;;
      \") [[ $name != *[\"\$\`\\!]* ]] || continue; written=$name ;;
      *) printf -v written %q "$name" ;;
    esac
    if [[ $written == "$typed"* ]]; then COMPREPLY+=("$3$written"); fi
  done < <(_tokenvault_names "$1")
}

_tokenvault_add_words() {
  local typed=$1 word
  shift
  for word in "$@"; do
    if [[ ${word%%:*} == "$typed"* ]]; then COMPREPLY+=("${word%%:*}"); fi
  done
}

_tokenvault_add() {
  local program=$1 typed=$2 front=$3
  local -a choices
  case $tv_kind in
    file) compopt -o default 2>/dev/null ;;
    name) _tokenvault_add_names "$program" "$typed" "$front" ;;
    assign)
      [[ $typed == *=* ]] || return
      _tokenvault_add_names "$program" "${typed#*=}" "$front${typed%%=*}=" ;;
    words*)
      read -ra choices <<<"${tv_kind#words}"
      _tokenvault_add_words "$typed" "${choices[@]}" ;;
  esac
}

_tokenvault() {
  local IFS=$' \t\n' tv_path tv_operands tv_kind tv_command tv_operand typed head i
  local -a tv_words tv_vault tv_next tv_options
  COMPREPLY=()
  _tokenvault_line
  typed=${tv_words[-1]}
  _tokenvault_look "${tv_words[@]:1:${#tv_words[@]}-2}"
  if [[ $tv_command == first ]]; then
    compopt -o default 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -c -- "$typed")
    return
  elif [[ -n $tv_command ]]; then
    compopt -o default 2>/dev/null
    return
  elif [[ -n $tv_kind ]]; then
    _tokenvault_add "$1" "$typed" ''
  elif [[ $typed == --*=* ]]; then
    _tokenvault_kind "$tv_path" "${typed%%=*}"
    _tokenvault_add "$1" "${typed#*=}" "${typed%%=*}="
  elif [[ $typed == -* ]]; then
    _tokenvault_options "$tv_path"
    _tokenvault_add_words "$typed" "${tv_options[@]}"
  else
    _tokenvault_next_words
    _tokenvault_add_words "$typed" "${tv_next[@]}"
    _tokenvault_operand "$tv_path"
    if [[ $tv_operands == 0 ]]; then tv_kind=$tv_operand; _tokenvault_add "$1" "$typed" ''; fi
  fi
  # The shell puts in only what follows the last = or :.
  case $typed in
    \'* | \"*) return ;;
    *[=:]*) head=${typed%"${typed##*[=:]}"} ;;
    *) return ;;
  esac
  for i in "${!COMPREPLY[@]}"; do COMPREPLY[i]=${COMPREPLY[i]#"$head"}; done
}

complete -F _tokenvault tokenvault
)script";

constexpr std::string_view kZsh = R"script(
_tokenvault_add() {
  local -a choices
  case $tv_kind in
    file) _files ;;
    name)
      choices=("${(@f)$(_tokenvault_names "$1")}")
      choices=("${(@)choices:#}")
      compadd -a choices ;;
    assign) if compset -P '*='; then tv_kind=name; _tokenvault_add "$1"; fi ;;
    words*)
      choices=(${=tv_kind#words})
      compadd -a choices ;;
  esac
}

_tokenvault() {
  local tv_path tv_operands tv_kind tv_command tv_operand
  local -a tv_vault tv_next tv_options
  _tokenvault_look "${(@)words[2,CURRENT-1]}"
  if [[ $tv_command == first ]]; then
    _command_names -e
  elif [[ -n $tv_command ]]; then
    _files
  elif [[ -n $tv_kind ]]; then
    _tokenvault_add "${words[1]}"
  elif [[ $PREFIX == --*=* ]]; then
    _tokenvault_kind "$tv_path" "${PREFIX%%=*}"
    compset -P 1 '*='
    _tokenvault_add "${words[1]}"
  elif [[ $PREFIX == -* ]]; then
    _tokenvault_options "$tv_path"
    _describe -o option tv_options
  else
    _tokenvault_next_words
    if (( ${#tv_next} )); then _describe verb tv_next; fi
    _tokenvault_operand "$tv_path"
    if [[ $tv_operands == 0 ]]; then tv_kind=$tv_operand; _tokenvault_add "${words[1]}"; fi
  fi
}

if [[ $funcstack[1] == _tokenvault ]]; then _tokenvault "$@"; else compdef _tokenvault tokenvault; fi
)script";

std::string entry(const std::string& name, const std::string& text) {
  return "  " + quoted(name + ':' + text) + '\n';
}

std::string verb_table(const std::vector<VerbShape>& verbs) {
  std::string text = "_tokenvault_verbs=(\n";
  for (const auto& verb : verbs) text += entry(verb.words, verb.text);
  return text + ")\n";
}

/// Sets tv_options to what the verb $1 takes, as OPTION:TEXT.
std::string option_table(const std::vector<VerbShape>& verbs, const std::vector<OptionShape>& globals) {
  std::string text = "_tokenvault_options() {\n  tv_options=()\n  case $1 in\n";
  for (const auto& verb : verbs) {
    if (verb.options.empty()) continue;
    text += fmt::format("  {}) tv_options=(\n", quoted(verb.words));
    for (const auto& option : verb.options) text += entry(option.name, option.text);
    text += "  ) ;;\n";
  }
  text += "  '') tv_options=('--version:say which tokenvault this is') ;;\n  esac\n  tv_options+=(\n";
  for (const auto& option : globals) text += entry(option.name, option.text);
  return text + "  )\n}\n";
}

/// Sets tv_kind to what the option $2 of the verb $1 takes, empty for nothing.
std::string kind_table(const std::vector<VerbShape>& verbs, const std::vector<OptionShape>& globals) {
  std::string text = "_tokenvault_kind() {\n  tv_kind=''\n  case \"$1 $2\" in\n";
  const auto add = [&](const std::string& pattern, const OptionShape& option) {
    if (option.kind != "flag") text += fmt::format("  {}) tv_kind={} ;;\n", pattern, quoted(option.kind));
  };
  for (const auto& verb : verbs)
    for (const auto& option : verb.options) add(quoted(verb.words + ' ' + option.name), option);
  for (const auto& option : globals) add("*' " + option.name + "'", option);
  return text + "  esac\n}\n";
}

/// Sets tv_operand to what the verb $1 takes.
std::string operand_table(const std::vector<VerbShape>& verbs) {
  std::string text = "_tokenvault_operand() {\n  tv_operand=none\n  case $1 in\n";
  for (const auto& verb : verbs)
    if (verb.operand != "none")
      text += fmt::format("  {}) tv_operand={} ;;\n", quoted(verb.words), quoted(verb.operand));
  return text + "  esac\n}\n";
}

std::string tables() {
  const auto verbs = verb_shapes();
  const auto globals = global_shapes();
  return verb_table(verbs) + option_table(verbs, globals) + kind_table(verbs, globals) + operand_table(verbs);
}

}  // namespace

std::string bash_script() {
  return fmt::format("# Completion for bash, made by `tokenvault completion bash`.\n{}{}{}", tables(),
                     kShared, kBash);
}

std::string zsh_script() {
  return fmt::format("#compdef tokenvault\n# Made by `tokenvault completion zsh`.\n{}{}{}", tables(), kShared,
                     kZsh);
}

}  // namespace tokenvault::cli
