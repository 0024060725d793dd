#pragma once
#include <string>
#include <string_view>
#include <vector>

/// The command line as completion sees it, asked of the parser itself: there is no second list.
namespace tokenvault::cli {

/// An option, or the operand of a verb.
struct OptionShape {
  std::string name;  ///< "--for"; of an operand, what help calls it
  std::string text;
  /// What it takes: "flag" for nothing, "file", "name" (of a token), "assign" (VARIABLE=NAME), "words A B C", or
  /// "none" for what nobody can guess.
  std::string kind;
};

/// The words of a verb, or of a group of verbs, and what may follow them.
struct VerbShape {
  std::string words;
  std::string text;
  std::vector<OptionShape> options;
  std::string operand = "none";  ///< its kind
  bool verb = true;              ///< false for a group that is no verb itself
};

/// All verbs in the order of the help, a group before its members.
[[nodiscard]] std::vector<VerbShape> verb_shapes();
/// The options that every verb takes.
[[nodiscard]] std::vector<OptionShape> global_shapes();

// What is made of them.
[[nodiscard]] std::string bash_script();
[[nodiscard]] std::string zsh_script();
[[nodiscard]] std::string fish_script();

}  // namespace tokenvault::cli
