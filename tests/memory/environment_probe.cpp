// A process that was given a token in its environment, and stops before and after taking it.
//   environment_probe keep|consume|plain BACKING VARIABLE
// At each phase it says so on stdout and waits for a byte on stdin.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "stops.hpp"
#include "tokenvault/environment.hpp"

namespace {

using namespace tokenvault;
using namespace tokenvault::test;

void consume(const std::string& variable) {
  {
    const auto consumed = must(consume_variable(variable));
    if (consumed.scrub != Scrub::scrubbed || getenv(variable.c_str()) != nullptr) std::_Exit(4);
    phase("taken");
  }
  phase("freed");
}

void open_plain(const std::string& variable) {
  const auto mappings = must(parse_plain_mapping("acme/api=" + variable));
  const auto opened = must(open_plain_environment(mappings));
  if (!opened.not_scrubbed.empty()) std::_Exit(4);
  phase("opened");
  const auto value = must(opened.vault.get("acme/api"));
  phase("got");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 64;
  const std::string_view mode = argv[1];
  must(set_memory_policy(MemoryPolicy::prefer,
                         std::string_view(argv[2]) == "locked" ? Backing::locked : Backing::memfd_secret));
  phase("started");
  if (mode == "consume") {
    consume(argv[3]);
  } else if (mode == "plain") {
    open_plain(argv[3]);
  } else {
    phase("kept");
  }
  return 0;
}
