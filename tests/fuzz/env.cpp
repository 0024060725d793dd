// A sealed vault in an environment variable: the text of base64url, and what lies below it.
#include <cstdlib>
#include <string>

#include "env/base64url.hpp"
#include "examine.hpp"
#include "mutation.hpp"
#include "target.hpp"

using namespace tokenvault;
using namespace tokenvault::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const char* const variable = "TOKENVAULT_FUZZ_VARIABLE";
  const std::string text(text_of(data, size));
  if (text.find('\0') != std::string::npos) return 0;  // no variable can hold it
  must(::setenv(variable, text.c_str(), 1) == 0, "the variable is set");
  const auto store = open_env_store(variable);
  if (store) {
    const auto again = encode_env_value(**store);
    if (again)
      must(*again == text, "one vault has one text");
    else
      check_error(again.error(), {Errc::refused});
  }
  examine([&] { return open_env_store(variable); });
  return 0;
}

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  const auto bytes = seed % 4 == 0 ? std::nullopt : base64url_decode(text_of(data, size));
  if (!bytes) return LLVMFuzzerMutate(data, size, most);
  const auto text = base64url_encode(mutated_vault(*bytes, most / 4 * 3, seed));
  return hand_over(as_bytes(text), data, size, most);
}
