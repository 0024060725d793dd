#pragma once
#include <doctest/doctest.h>
#include <sodium.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <string>

#include "core/bytes.hpp"
#include "support/store_contract.hpp"
#include "tokenvault/etcd.hpp"

namespace tokenvault::test {

/// What tests/etcd/with_etcd.py says of the cluster, or an empty text.
inline std::string etcd_setting(const char* name) {
  const char* value = std::getenv(("TOKENVAULT_TEST_ETCD" + std::string(name)).c_str());
  return value == nullptr ? "" : value;
}

inline SecretBuffer etcd_password() {
  std::ifstream file(etcd_setting("_PASSWORD_FILE"));
  std::string text;
  std::getline(file, text);
  return std::move(SecretBuffer::copy_of(as_bytes(text))).value();
}

/// A prefix on the cluster that nobody else uses, below what its user may reach.
class EtcdPlace final : public StoreFixture {
 public:
  EtcdPlace() {
    std::array<unsigned char, 8> random{};
    std::array<char, 2 * random.size() + 1> hex{};
    randombytes_buf(random.data(), random.size());
    sodium_bin2hex(hex.data(), hex.size(), random.data(), random.size());
    prefix_ = "t-" + std::string(hex.data());
  }

  std::unique_ptr<Store> open() override { return open_with(options()); }

  [[nodiscard]] std::unique_ptr<Store> open_with(EtcdOptions options) const {
    auto store = open_etcd_store(address(), std::move(options));
    REQUIRE_MESSAGE(store, (store ? "" : store.error().message()));
    return *std::move(store);
  }
  [[nodiscard]] std::string address() const { return etcd_setting("") + "/" + prefix_; }
  [[nodiscard]] const std::string& prefix() const { return prefix_; }

  static EtcdOptions options() {
    REQUIRE_MESSAGE(!etcd_setting("").empty(), "run it by tests/etcd/with_etcd.py");
    EtcdOptions options;
    options.ca_file = etcd_setting("_CA");
    options.cert_file = etcd_setting("_CERT");
    options.key_file = etcd_setting("_KEY");
    options.user = etcd_setting("_USER");
    if (!options.user.empty()) options.password = etcd_password();
    return options;
  }

 private:
  std::string prefix_;
};

}  // namespace tokenvault::test
