#include "../output.hpp"
#include "../try.hpp"
#include "../verbs.hpp"
#include "shape.hpp"

namespace tokenvault::cli {

Result<int> run_completion(const Session& session) {
  const auto& shell = session.request.operand;
  TV_CHECK(print(shell == "bash" ? bash_script() : shell == "zsh" ? zsh_script() : fish_script()));
  return 0;
}

}  // namespace tokenvault::cli
