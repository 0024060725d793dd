#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "tokenvault/clock.hpp"
#include "tokenvault/secret.hpp"
#include "tokenvault/store.hpp"

namespace tokenvault {

/// How to reach etcd. Files are read when the store is opened, and again for each new connection.
struct EtcdOptions {
  /// For all of one call: tries at other endpoints included.
  std::chrono::milliseconds timeout{10'000};
  /// For one answer. Below the 7 s after which etcd itself gives up, so that another member is asked in time.
  std::chrono::milliseconds answer_timeout{3'000};
  std::string ca_file;    ///< PEM: who may vouch for the servers; empty: whom the system trusts
  std::string cert_file;  ///< PEM: this client's certificate, with an empty CN: see docs/etcd.md
  std::string key_file;   ///< PEM: and its private key, which only its owner may read
  std::string user;       ///< of etcd's own accounts; empty: none
  SecretBuffer password;
  /// Told of what an operator should know and nothing failed of: a member of another cluster. One line; called
  /// on the caller's thread, maybe on several at once. Must not throw.
  std::function<void(std::string_view)> warn;
  const Clock* clock = nullptr;  ///< null: the system's; borrowed for the store's life
};

/// A vault in etcd 3.4 or newer, through its JSON gateway, for any number of machines. `address` is
/// "http[s]://HOST:PORT[,HOST:PORT...]/PREFIX", without the "etcd:" of a URI; all keys are below /PREFIX/. Opening
/// sends nothing. Thread-safe; many processes at once. A forked child makes connections of its own, and needs a password of its own.
/// In the library tokenvault-etcd, which is linked besides. What etcd learns and does: docs/etcd.md.
/// Errors: invalid_argument (a malformed address, a time-out that is not positive, a user without a password or
/// a certificate without its key), no_key (a file that is not there), refused (a key file that others can read).
/// Calls besides end in unreachable (no member answered in time), permission_denied (etcd's own accounts and
/// roles), and io (a member that breaks the protocol, or its space is used up).
TOKENVAULT_API Result<std::unique_ptr<Store>> open_etcd_store(std::string_view address,
                                                              EtcdOptions options = {});

}  // namespace tokenvault
