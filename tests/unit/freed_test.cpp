// What lies in memory of the heap when it is given back. This program has an operator delete of its own, which looks.
#include <doctest/doctest.h>
#include <malloc.h>

#include <cstdlib>
#include <new>
#include <string_view>

#include "format/node.hpp"
#include "support/vault_fixture.hpp"

namespace {

std::string_view wanted;
int found = 0;

void give_back(void* memory) noexcept {
  if (memory != nullptr && !wanted.empty()) {
    const std::string_view held(static_cast<const char*>(memory), ::malloc_usable_size(memory));
    if (held.find(wanted) != held.npos) ++found;
  }
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) {
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  std::abort();
}
void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, std::size_t) noexcept { give_back(memory); }

namespace tokenvault::test {
namespace {

constexpr std::string_view kTreeKey = "the tree key, thirty-two of them";

/// How often the tree key was in memory that `body` gave back.
template <typename F>
int left_behind(F&& body) {
  found = 0;
  wanted = kTreeKey;
  body();
  wanted = {};
  return found;
}

TEST_CASE("the tree key is in no memory that sealing or opening a top node gives back") {
  const auto key = secret(std::string(32, 'k'));
  const auto tree_key = secret(kTreeKey);
  Bytes root;
  CHECK(left_behind([&] { root = format::seal_top(key, {}, {}, tree_key); }) == 0);
  format::RootParts parts;
  parts.top_nonce = BytesView(root).first(crypto::kNonceSize);
  parts.top_sealed = BytesView(root).subspan(crypto::kNonceSize + 4);
  CHECK(left_behind([&] { CHECK(format::open_top(key, parts)); }) == 0);
}

TEST_CASE("what is left behind is seen") {
  CHECK(left_behind([] { const std::string copy(kTreeKey); }) == 1);
}

}  // namespace
}  // namespace tokenvault::test
