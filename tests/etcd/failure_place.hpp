#pragma once
#include <cstdlib>
#include <fstream>
#include <string>

#include "core/bytes.hpp"
#include "tokenvault/backends.hpp"
#include "tokenvault/etcd.hpp"

namespace tokenvault::test {

/// What with_etcd.py says of the cluster's accounts and certificates.
inline EtcdOptions etcd_options() {
  const auto setting = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value ? value : "");
  };
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

/// `place` is a URI of open_store(), or a prefix in the cluster of TOKENVAULT_TEST_ETCD.
inline Result<std::unique_ptr<Store>> open_failure_place(const std::string& place,
                                                         std::chrono::milliseconds timeout) {
  if (place.find(':') != std::string::npos)
    return open_store(place, {.lock_timeout = timeout, .create = true});
  const char* cluster = std::getenv("TOKENVAULT_TEST_ETCD");
  if (!cluster) return Error(Errc::invalid_argument, "no TOKENVAULT_TEST_ETCD");
  auto options = etcd_options();
  options.timeout = timeout;
  return open_etcd_store(std::string(cluster) + "/" + place, std::move(options));
}

}  // namespace tokenvault::test
