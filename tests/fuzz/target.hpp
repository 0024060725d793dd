// What every target here has in common. A target is one function that is given bytes; libFuzzer calls it where there
// is clang, replay.cpp everywhere.
#pragma once
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "core/bytes.hpp"
#include "tokenvault/secret.hpp"
#include "tokenvault/store.hpp"

extern "C" {
int LLVMFuzzerInitialize(int* count, char*** arguments);
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
/// Where a target has one: changes what is inside, and puts check sums and seals right again.
std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed);
/// libFuzzer's, or replay.cpp's.
std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);
}

namespace tokenvault::fuzz {

inline BytesView bytes_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const std::byte*>(data), size};
}
inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Ends the program where `holds` is false, which is a finding.
void must(bool holds, std::string_view what);

/// An error of those that the call documents, said in one line of plain text.
void check_error(const Error& error, std::initializer_list<Errc> documented);

/// No more secret memory than one call can need: what one input leaves behind adds up over many.
void check_memory();

SecretBuffer secret_of(BytesView bytes);
inline SecretBuffer secret_of(std::string_view text) { return secret_of(as_bytes(text)); }

/// The file at `path` with `bytes` alone in it.
void write_input(const std::string& path, BytesView bytes);

/// Puts `bytes` in place of an input; its size, or `size` where they do not fit.
std::size_t hand_over(BytesView bytes, std::uint8_t* data, std::size_t size, std::size_t most);

}  // namespace tokenvault::fuzz
