// The content of a vault's file: whatever it is, and sealed again by whoever knows the key.

#include "container.hpp"
#include "examine.hpp"
#include "mutation.hpp"
#include "support/temp_dir.hpp"
#include "target.hpp"

using namespace tokenvault;
using namespace tokenvault::fuzz;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const test::TempDir folder;
  static const auto path = folder / "vault";
  const auto bytes = bytes_of(data, size);
  write_input(path, bytes);
  const auto container = parse_container(bytes);
  if (container) must(encode(*container) == Bytes(bytes.begin(), bytes.end()), "one vault has one encoding");
  const auto opened = open_file_store(path);
  must(opened.has_value() == container.has_value(), "a file opens where it is a vault in one piece");
  if (opened) must(copy_sealed(**opened).value() == Bytes(bytes.begin(), bytes.end()), "a file is its vault");
  examine([&] { return open_file_store(path); });
  return 0;
}

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  return hand_over(mutated_vault(bytes_of(data, size), most, seed), data, size, most);
}
