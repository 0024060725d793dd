#include <exception>
#include <string>
#include <vector>

#include "command_line.hpp"
#include "failure.hpp"
#include "helper/program_name.hpp"
#include "opening.hpp"
#include "output.hpp"
#include "process.hpp"
#include "session.hpp"
#include "try.hpp"
#include "verbs.hpp"

namespace tokenvault::cli {
namespace {

Result<int> serve(std::vector<std::string> arguments, char** words) {
  TV_TRY(const auto inherited, prepare_process());
  TV_TRY(const auto line, parse(std::move(arguments)));
  if (!line.text.empty()) {
    TV_CHECK(print(line.text));
    return kDone;
  }
  const Session session(line.request, inherited);
  TV_CHECK(give_way(session, words));
  return find_verb(line.request.verb)->run(session);
}

std::string_view hint_for(const Error& error) {
  return error.code() == Errc::invalid_argument ? "`tokenvault --help` and `tokenvault VERB --help` tell more"
                                                : hint_of(error.code());
}

int run(const std::vector<std::string>& arguments, char** words) {
  const auto code = serve(arguments, words);
  if (code) return *code;
  return report(code.error(), hint_for(code.error()), wants_json(arguments));
}

}  // namespace
}  // namespace tokenvault::cli

int main(int argc, char** argv) {
  try {
    return tokenvault::cli::run(tokenvault::cli::arguments_of(argc, argv), argv);
  } catch (const std::exception&) {
    // Only the standard library throws here, and only for want of memory.
    return tokenvault::cli::report({tokenvault::Errc::out_of_memory, "out of memory"}, {}, false);
  }
}
