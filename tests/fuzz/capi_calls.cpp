// A sequence of calls of the C functions: each byte is a choice, of a call, a handle, a size.
#include "capi/sequence.hpp"
#include "target.hpp"

using namespace tokenvault::fuzz;

namespace {

constexpr int kMostCalls = 200;

/// Every choice from the input, and the first of each once that is over.
class Choices {
 public:
  Choices(const std::uint8_t* data, std::size_t size) : bytes_(data, size) {}

  std::size_t operator()(std::size_t end) {
    std::size_t number = next();
    for (auto rest = (end - 1) >> 8; rest > 0; rest >>= 8) number = number << 8 | next();
    return number % end;
  }
  [[nodiscard]] bool done() const noexcept { return at_ >= bytes_.size(); }

 private:
  std::size_t next() { return done() ? 0 : bytes_[at_++]; }
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(data, size);
  {
    tokenvault::test::Sequence sequence([&](std::size_t end) { return choices(end); });
    for (int call = 0; call < kMostCalls && !choices.done(); ++call) sequence.call();
  }
  return 0;
}
