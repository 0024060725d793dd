#include "support/store_contract.hpp"
#include "tokenvault/backends.hpp"

namespace {

struct Memory final : tokenvault::test::StoreFixture {
  std::unique_ptr<tokenvault::Store> open() override { return *tokenvault::open_memory_store(); }
};

TV_STORE_CONTRACT(Memory)

}  // namespace
