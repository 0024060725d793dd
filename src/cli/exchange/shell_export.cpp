// Lines for a POSIX shell's `.` command: within single quotes nothing but the quote itself is special.
#include <algorithm>
#include <array>

#include "../try.hpp"
#include "export_format.hpp"

namespace tokenvault::cli {
namespace {

/// Variables that bash or dash sets by itself, or lets nobody set: a value would not stay.
constexpr std::array<std::string_view, 28> kOfTheShell{
    "BASHOPTS",      "BASHPID",       "BASH_ALIASES",  "BASH_ARGC",
    "BASH_ARGV",     "BASH_CMDS",     "BASH_COMMAND",  "BASH_LINENO",
    "BASH_SOURCE",   "BASH_SUBSHELL", "BASH_VERSINFO", "DIRSTACK",
    "EPOCHREALTIME", "EPOCHSECONDS",  "EUID",          "FUNCNAME",
    "GROUPS",        "HISTCMD",       "LINENO",        "OPTIND",
    "PPID",          "RANDOM",        "SECONDS",       "SHELLOPTS",
    "SHLVL",         "SRANDOM",       "UID",           "_"};

bool carries_name(std::string_view name) {
  const bool word = is_file_variable(name) && name.find_first_of(".-") == std::string_view::npos;
  return word && (name.front() < '0' || name.front() > '9') &&
         std::ranges::find(kOfTheShell, name) == kOfTheShell.end();
}

Status write(SecretOutput& out, const ExportLine& line, ExportFormat::Value value) {
  TV_CHECK(out.put("export "));
  TV_CHECK(out.put(line.name));
  TV_CHECK(out.put("='"));
  for (const auto byte : value) TV_CHECK(byte == std::byte{'\''} ? out.put("'\\''") : out.put(byte));
  return out.put("'\n");
}

}  // namespace

const ExportFormat kShellExport{
    .name = "sh",
    .head = {},
    .between = {},
    .tail = {},
    .carries_name = carries_name,
    .obstacle =
        [](ExportFormat::Value value) {
          return has_byte(value, '\0') ? std::string_view("it has a NUL byte") : std::string_view();
        },
    .write = write,
};

}  // namespace tokenvault::cli
