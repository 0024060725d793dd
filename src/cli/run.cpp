#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "binding.hpp"
#include "failure.hpp"
#include "output.hpp"
#include "try.hpp"
#include "verbs.hpp"

extern char** environ;

namespace tokenvault::cli {
namespace {

constexpr int kNotExecutable = 126;
constexpr int kNotFound = 127;

/// "VARIABLE=value" with its NUL, in secret memory: exec copies it from there into the new program.
Result<SecretBuffer> assignment(const Binding& binding, const SecretBuffer& value) {
  const auto bytes = value.expose();
  if (std::ranges::find(bytes, std::byte{0}) != bytes.end())
    return Error(Errc::refused,
                 fmt::format("{} has a NUL byte, which no environment variable can hold", binding.name));
  const auto before = binding.variable.size() + 1;
  if (before + bytes.size() + 1 > kMaxSecretSize + 64)
    return Error(Errc::refused,
                 fmt::format("{} is too long for an environment variable of that name", binding.name));
  TV_TRY(auto text, SecretBuffer::allocate(before + bytes.size() + 1));
  const auto out = text.expose_writable();
  std::ranges::copy(std::as_bytes(std::span(binding.variable)), out.begin());
  out[before - 1] = std::byte{'='};
  std::ranges::copy(bytes, out.begin() + static_cast<std::ptrdiff_t>(before));
  return text;
}

Result<std::vector<SecretBuffer>> read_assignments(const Session& session,
                                                   const std::vector<Binding>& bindings) {
  std::vector<SecretBuffer> assignments;
  TV_TRY(const auto vault, session.vault());
  for (const auto& binding : bindings) {
    TV_TRY(const auto value, vault.get(binding.name, {Stage::current, 0, session.request.expired_ok}));
    TV_TRY(auto text, assignment(binding, value));
    assignments.push_back(std::move(text));
  }
  return assignments;
}

/// The environment as it is, but for the variables that tokens replace.
std::vector<char*> environment(const std::vector<Binding>& bindings, std::vector<SecretBuffer>& assignments) {
  std::vector<char*> pointers;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto variable = text.substr(0, text.find('='));
    if (std::ranges::find(bindings, variable, &Binding::variable) == bindings.end())
      pointers.push_back(*entry);
  }
  for (auto& text : assignments) pointers.push_back(reinterpret_cast<char*>(text.expose_writable().data()));
  pointers.push_back(nullptr);
  return pointers;
}

/// Comes back only where it failed, with errno.
int replace_process(const Session& session, const std::vector<char*>& variables) {
  auto words = session.request.command;
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  if (!restore_process(session.inherited)) session.notice("the core file limit stays at 0 for the command");
  ::execvpe(arguments[0], arguments.data(), variables.data());
  return errno;
}

}  // namespace

Result<int> run_run(const Session& session) {
  if (session.request.command.empty()) return Error(Errc::invalid_argument, "`run` needs a command after --");
  TV_TRY(const auto bindings, parse_bindings(session.request.environment));
  std::vector<SecretBuffer> assignments;
  if (!bindings.empty()) {
    TV_TRY(assignments, read_assignments(session, bindings));
  }
  const int error = replace_process(session, environment(bindings, assignments));
  assignments.clear();
  const Error failure(
      Errc::io, fmt::format("cannot start the command: {}", std::generic_category().message(error)), error);
  return report(failure, {}, session.request.json, error == ENOENT ? kNotFound : kNotExecutable);
}

}  // namespace tokenvault::cli
