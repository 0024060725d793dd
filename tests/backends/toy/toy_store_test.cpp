#include <atomic>
#include <string>

#include "support/store_contract.hpp"
#include "tokenvault/backends.hpp"

namespace tokenvault::test {
namespace {

class ToyPlace final : public StoreFixture {
 public:
  std::unique_ptr<Store> open() override {
    auto store = open_store("toy:" + name_);
    return store ? *std::move(store) : nullptr;
  }

 private:
  static std::string fresh() {
    static std::atomic<int> count{0};
    return std::to_string(++count);
  }
  const std::string name_ = fresh();
};

TV_STORE_CONTRACT(ToyPlace)

}  // namespace
}  // namespace tokenvault::test
