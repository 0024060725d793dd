// Gives a target every file of its corpus, and changes of them from fixed seeds: what libFuzzer found once stays found
// where there is no libFuzzer.
//   replay SUBJECT FOLDER CHANGES
// CHANGES of them all are made, shared out among the files; no file goes without.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "support/proof.hpp"
#include "target.hpp"

extern "C" __attribute__((weak)) std::size_t LLVMFuzzerCustomMutator(std::uint8_t*, std::size_t, std::size_t,
                                                                     unsigned);

namespace {

constexpr std::size_t kLargest = 64 * 1024;
std::mt19937 dice;  // NOLINT: LLVMFuzzerMutate is given no state
char current[256];  // what a signal's handler may read

std::size_t below(std::size_t limit) { return limit == 0 ? 0 : dice() % limit; }

void name_input(int signal) {
  std::fprintf(stderr, "at %s\n", current);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

std::vector<std::uint8_t> content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void change(std::vector<std::uint8_t>& input, unsigned seed) {
  const auto size = input.size();
  const auto most = std::min(kLargest, size + 4096);
  input.resize(std::max(most, size));
  dice.seed(seed);
  input.resize(LLVMFuzzerCustomMutator != nullptr
                   ? LLVMFuzzerCustomMutator(input.data(), size, input.size(), seed)
                   : LLVMFuzzerMutate(input.data(), size, input.size()));
}

}  // namespace

/// One change of few bytes, as a replacement for libFuzzer's own.
std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most) {
  std::vector<std::uint8_t> bytes(data, data + size);
  const auto at = below(size + 1);
  const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
  const auto length = std::min(1 + below(16), size - at);
  const auto end = place + static_cast<std::ptrdiff_t>(length);
  const std::vector<std::uint8_t> piece(place, end);
  switch (below(5)) {
    case 0: bytes.insert(place, static_cast<std::uint8_t>(below(256))); break;
    case 1: bytes.erase(place, end); break;
    case 2:
      bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(below(size + 1)), piece.begin(), piece.end());
      break;
    case 3:
      if (at < size) *place = static_cast<std::uint8_t>(below(256));
      break;
    default:
      if (at < size) *place = static_cast<std::uint8_t>(*place ^ 1U << below(8));
  }
  bytes.resize(std::min(bytes.size(), most));
  std::copy(bytes.begin(), bytes.end(), data);
  return bytes.size();
}

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const std::string subject = argv[1];
  const auto changes =
      static_cast<std::size_t>(std::atoi(argv[3])) * (tokenvault::test::full_proof() ? 20U : 1U);
  std::signal(SIGABRT, name_input);
  LLVMFuzzerInitialize(&argc, &argv);
  std::vector<std::filesystem::path> files;
  std::error_code absent;
  for (const auto& entry : std::filesystem::directory_iterator(argv[2], absent))
    files.push_back(entry.path());
  if (files.empty()) {
    std::printf("no corpus in %s\n", argv[2]);
    return 1;
  }
  std::sort(files.begin(), files.end());
  const auto rounds = static_cast<unsigned>(std::max<std::size_t>(changes / files.size(), 1));
  std::uint64_t count = 0;
  for (const auto& file : files) {
    for (unsigned round = 0; round <= rounds; ++round, ++count) {
      auto input = content_of(file);
      if (round > 0) change(input, static_cast<unsigned>(count));
      std::snprintf(current, sizeof(current), "%s, round %u", file.filename().c_str(), round);
      LLVMFuzzerTestOneInput(input.data(), input.size());
    }
  }
  std::printf("%zu files, each as it is and changed %u times\n", files.size(), rounds);
  tokenvault::test::tried("replay of " + subject, count);
  return 0;
}
