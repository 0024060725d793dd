#pragma once
#include <string>

#include "service.hpp"
#include "tokenvault/secret.hpp"

namespace tokenvault::orgapi {

/// The service's folder: vault.key and vault.db (a tokenvault with its two secrets), orgapi.db (the verifiers of the
/// tokens it made) and orgapi.json (organisation and prefix).
struct Home {
  SecretBuffer hash_key, password;
  std::string org, prefix, database;
};

/// Makes `folder` (0700; absent or empty before) for a service that serves `org`. `password` is for the admin page, 8
/// to 1024 bytes. Errors: invalid_argument (org, prefix), refused (the password's size), already_exists
/// (something is in it), and those of the vault.
Status make_home(const std::string& folder, const std::string& org, const std::string& prefix,
                 const SecretBuffer& password);

/// Replaces the admin password of a service, which takes it up at its next start. Errors: refused (the size), and those
/// of the vault.
Status change_password(const std::string& folder, const SecretBuffer& password);

/// Errors: no_vault, tampered (orgapi.json), and those of the vault.
Result<Home> open_home(const std::string& folder);

}  // namespace tokenvault::orgapi
