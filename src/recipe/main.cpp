// tokenvault-recipe: speaks tvp/1 for a declarative HTTP recipe. Its own copies of a secret lie in secret
// memory; those that libcurl and its TLS library make on their heaps are outside that promise, which is
// why this is a program of its own, lives for one request, and cannot be dumped or traced.
#include <curl/curl.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <exception>

#include "core/try.hpp"
#include "recipe/output.hpp"
#include "recipe/recipe_reader.hpp"
#include "recipe/verbs.hpp"

namespace tokenvault::recipe {
namespace {

constexpr std::string_view kUsage =
    "usage: tokenvault-recipe describe|issue|probe|revoke|find\n"
    "Answers one request of the rotation protocol tvp/1 on stdin, with the HTTP recipe that its setting\n"
    "\"recipe\" names. It is started by `tokenvault rotate`; docs/recipes.md says how to write a recipe.\n";

// A descriptor that was closed would be given to the next file or connection that is opened, and a
// secret would be written into that one. Reading from the stand-in ends at once; writing to it fails.
bool fill_gaps() {
  for (int fd = 0; fd <= 4; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0 && ::open("/dev/null", O_RDONLY) != fd) return false;
  }
  return true;
}

Result<Outcome> serve(const Task& task) {
  switch (task.request.verb) {
    case Verb::describe: return describe(task);
    case Verb::issue: return issue(task);
    case Verb::probe: return probe(task);
    case Verb::revoke: return revoke(task);
    case Verb::find: return find(task);
  }
  return Error(Errc::internal, "serve a verb: it is none");
}

Result<Outcome> answer(std::string_view name) {
  const auto verb = verb_named(name);
  if (!verb) return Error(Errc::invalid_argument, "there is no such verb; see tokenvault-recipe --help");
  TV_TRY(const auto request, read_request(0, *verb));
  const auto named = request.settings.find("recipe");
  if (named == request.settings.end()) {
    return Error(Errc::refused, "the policy lacks the setting recipe, which names the recipe");
  }
  TV_TRY(const auto recipe, load_recipe(named->second));
  if (auto checked = check_settings(recipe, request); !checked) {
    return Error(Errc::refused, fmt::format("use the recipe {}: {}", recipe.name, checked.error().message()));
  }
  TV_TRY(const auto credentials, Credentials::read_from(3, request.tokens));
  return serve({recipe, request, credentials});
}

int run(int count, char** arguments) {
  if (count == 2 && std::string_view(arguments[1]) == "--help") return write_all(1, kUsage) ? kDone : 1;
  std::signal(SIGPIPE, SIG_IGN);
  if (!fill_gaps() || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    return report(refused("it could not start"));
  // Where the system forbids it, the token is no worse off than in the program that sent it here.
  static_cast<void>(harden_process());
  auto outcome = answer(count == 2 ? arguments[1] : "");
  return report(outcome ? *outcome : refused(outcome.error().message()));
}

}  // namespace
}  // namespace tokenvault::recipe

int main(int argc, char** argv) {
  try {
    return tokenvault::recipe::run(argc, argv);
  } catch (const std::exception&) {
    // Only the standard library throws here, for want of memory, and perhaps after a request was sent.
    static_cast<void>(tokenvault::recipe::write_all(2, "in doubt: out of memory\n"));
    return tokenvault::recipe::kInDoubt;
  }
}
