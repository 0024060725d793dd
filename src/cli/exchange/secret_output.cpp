#include "secret_output.hpp"

#include <utility>

#include "../output.hpp"
#include "../try.hpp"

namespace tokenvault::cli {
namespace {

constexpr std::size_t kGathered = 4096;

}  // namespace

Result<SecretOutput> SecretOutput::to(int fd) {
  TV_TRY(auto gathered, SecretBuffer::allocate(kGathered));
  return SecretOutput(fd, std::move(gathered));
}

Status SecretOutput::put(std::byte byte) {
  if (size_ == kGathered) TV_CHECK(flush());
  gathered_.expose_writable()[size_++] = byte;
  return Ok{};
}

Status SecretOutput::put(std::span<const std::byte> bytes) {
  for (const auto byte : bytes) TV_CHECK(put(byte));
  return Ok{};
}

Status SecretOutput::put(std::string_view text) { return put(std::as_bytes(std::span(text))); }

Status SecretOutput::flush() {
  const auto bytes = gathered_.expose().first(std::exchange(size_, 0));
  return write_all(fd_, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace tokenvault::cli
