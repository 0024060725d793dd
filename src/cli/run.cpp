#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "binding.hpp"
#include "failure.hpp"
#include "output.hpp"
#include "token_channel.hpp"
#include "try.hpp"
#include "verbs.hpp"

extern char** environ;

namespace tokenvault::cli {
namespace {

constexpr int kNotRun = 125;
constexpr int kNotExecutable = 126;
constexpr int kNotFound = 127;

/// Which token goes where; views into the request.
struct Plan {
  std::vector<Binding> variables;
  std::vector<Binding> files;
  std::vector<std::pair<Descriptor, std::string_view>> descriptors;

  [[nodiscard]] bool empty() const { return variables.empty() && files.empty() && descriptors.empty(); }
};

/// What is to be handed over besides the environment as it is.
struct Handed {
  std::vector<SecretBuffer> variables;  ///< "VARIABLE=value"
  std::vector<std::string> paths;       ///< "VARIABLE=/proc/self/fd/N"
  std::vector<Descriptor> files;        ///< which those are
};

bool has(const std::vector<Binding>& bindings, std::string_view variable) {
  return std::ranges::find(bindings, variable, &Binding::variable) != bindings.end();
}

/// Before any file of ours is open: a descriptor that is not free now is the caller's.
Result<Plan> plan_of(const Request& request) {
  Plan plan;
  TV_TRY(plan.variables, parse_bindings(request.environment));
  TV_TRY(plan.files, parse_bindings(request.files, "--file"));
  for (const auto& file : plan.files)
    if (has(plan.variables, file.variable))
      return Error(Errc::invalid_argument, "--env and --file name the same variable");
  TV_TRY(const auto numbers, parse_bindings(request.descriptors, "--fd", "N"));
  for (const auto& binding : numbers) {
    TV_TRY(const int number, parse_descriptor(binding.variable));
    TV_TRY(auto reserved, reserve(number));
    plan.descriptors.emplace_back(std::move(reserved), binding.name);
  }
  return plan;
}

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

Result<Handed> hand_over(const Session& session, const Plan& plan) {
  Handed handed;
  if (plan.empty()) return handed;
  TV_TRY(const auto vault, session.vault());
  const Pick pick{Stage::current, 0, session.request.expired_ok};
  for (const auto& binding : plan.variables) {
    TV_TRY(const auto value, vault.get(binding.name, pick));
    TV_TRY(auto text, assignment(binding, value));
    handed.variables.push_back(std::move(text));
  }
  for (const auto& binding : plan.files) {
    TV_TRY(const auto value, vault.get(binding.name, pick));
    TV_TRY(auto file, memory_file(value));
    handed.paths.push_back(fmt::format("{}=/proc/self/fd/{}", binding.variable, file.get()));
    handed.files.push_back(std::move(file));
  }
  for (const auto& [reserved, name] : plan.descriptors) {
    TV_TRY(const auto value, vault.get(name, pick));
    TV_CHECK(put_into_pipe(value, reserved));
  }
  return handed;
}

/// The environment as it is, but for the variables that tokens replace.
std::vector<char*> environment(const Plan& plan, Handed& handed) {
  std::vector<char*> pointers;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto variable = text.substr(0, text.find('='));
    if (!has(plan.variables, variable) && !has(plan.files, variable)) pointers.push_back(*entry);
  }
  for (auto& text : handed.variables)
    pointers.push_back(reinterpret_cast<char*>(text.expose_writable().data()));
  for (auto& text : handed.paths) pointers.push_back(text.data());
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

Result<int> start_command(const Session& session) {
  TV_TRY(const auto plan, plan_of(session.request));
  TV_TRY(auto handed, hand_over(session, plan));
  const int error = replace_process(session, environment(plan, handed));
  const Error failure(
      Errc::io, fmt::format("cannot start the command: {}", std::generic_category().message(error)), error);
  return report(failure, {}, session.request.json, error == ENOENT ? kNotFound : kNotExecutable);
}

}  // namespace

Result<int> run_run(const Session& session) {
  if (session.request.command.empty()) return Error(Errc::invalid_argument, "`run` needs a command after --");
  auto code = start_command(session);
  // A 1 would be taken for the command's own, as with env(1).
  if (code || exit_of(code.error().code()) != 1) return code;
  return report(code.error(), hint_of(code.error().code()), session.request.json, kNotRun);
}

}  // namespace tokenvault::cli
