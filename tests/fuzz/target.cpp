#include "target.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "core/file.hpp"
#include "core/utf8.hpp"

#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

namespace tokenvault::fuzz {
namespace {

void end_where_failed(const doctest::AssertData& data) { must(!data.m_failed, data.m_expr); }

}  // namespace

void must(bool holds, std::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "not so: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

void check_error(const Error& error, std::initializer_list<Errc> documented) {
  constexpr std::size_t kLongest = 1024;
  const auto& message = error.message();
  if (std::ranges::find(documented, error.code()) == documented.end()) {
    std::fprintf(stderr, "%s: %s\n", std::string(to_string(error.code())).c_str(), message.c_str());
    must(false, "the error is of those that are documented");
  }
  must(!message.empty() && message.size() <= kLongest && is_plain_text(message),
       "a message is one line of plain text");
}

void check_memory() {
  constexpr std::size_t kMost = 256 * 1024;
  const auto memory = protection();
  must(memory.locked_bytes + memory.plain_bytes <= kMost, "secret memory is bounded");
}

SecretBuffer secret_of(BytesView bytes) {
  auto made = SecretBuffer::copy_of(bytes);
  must(made.has_value(), "there is secret memory");
  return *std::move(made);
}

void write_input(const std::string& path, BytesView bytes) {
  const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  must(file && ::write(file.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
       "the input is written");
}

std::size_t hand_over(BytesView bytes, std::uint8_t* data, std::size_t size, std::size_t most) {
  if (bytes.size() > most) return size;
  if (!bytes.empty()) std::memcpy(data, bytes.data(), bytes.size());
  return bytes.size();
}

}  // namespace tokenvault::fuzz

/// libFuzzer calls this before all inputs, and so does replay.cpp.
int LLVMFuzzerInitialize(int*, char***) {
  // What is shared with ordinary tests says REQUIRE: here too that ends the program.
  static doctest::Context context;
  context.setAsDefaultForAssertsOutOfTestCases();
  context.setAssertHandler(tokenvault::fuzz::end_where_failed);
  // Plain memory, whose borders a sanitizer watches.
  tokenvault::fuzz::must(tokenvault::set_memory_policy(tokenvault::MemoryPolicy::off).has_value(),
                         "no secret is there before the first input");
  return 0;
}
