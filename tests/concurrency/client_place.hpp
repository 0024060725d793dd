#pragma once
#include <cstdlib>
#include <fstream>
#include <string>

#include "core/bytes.hpp"
#include "support/shared_store.hpp"
#include "tokenvault/backends.hpp"
#ifdef TOKENVAULT_TEST_WITH_ETCD
#include "tokenvault/etcd.hpp"
#endif

namespace tokenvault::test {

inline std::string setting(const char* name, const char* otherwise = "") {
  const char* value = std::getenv(name);
  return value != nullptr ? value : otherwise;
}

#ifdef TOKENVAULT_TEST_WITH_ETCD
/// What with_etcd.py says of the cluster's accounts and certificates.
inline EtcdOptions etcd_options() {
  EtcdOptions options;
  options.ca_file = setting("TOKENVAULT_TEST_ETCD_CA");
  options.cert_file = setting("TOKENVAULT_TEST_ETCD_CERT");
  options.key_file = setting("TOKENVAULT_TEST_ETCD_KEY");
  options.user = setting("TOKENVAULT_TEST_ETCD_USER");
  std::string password;
  std::ifstream(setting("TOKENVAULT_TEST_ETCD_PASSWORD_FILE")) >> password;
  if (!password.empty()) options.password = SecretBuffer::copy_of(as_bytes(password)).value();
  return options;
}
#endif

/// `place` is a URI of open_store(), or a prefix in the cluster of TOKENVAULT_TEST_ETCD. Memory is one for all
/// threads.
inline Result<std::unique_ptr<Store>> open_client_place(const std::string& place,
                                                        std::chrono::milliseconds timeout) {
  static const std::shared_ptr<Store> memory = open_memory_store().value();
  if (place.starts_with("memory:")) return std::unique_ptr<Store>(std::make_unique<SharedStore>(memory));
  if (place.find(':') != std::string::npos)
    return open_store(place, {.lock_timeout = timeout, .create = true});
#ifdef TOKENVAULT_TEST_WITH_ETCD
  const auto cluster = setting("TOKENVAULT_TEST_ETCD");
  if (cluster.empty()) return Error(Errc::invalid_argument, "no TOKENVAULT_TEST_ETCD");
  auto options = etcd_options();
  options.timeout = timeout;
  return open_etcd_store(cluster + "/" + place, std::move(options));
#else
  return Error(Errc::unsupported, "this client was built without etcd");
#endif
}

}  // namespace tokenvault::test
