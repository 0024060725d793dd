#include "etcd_address.hpp"
#include "opening.hpp"
#include "secret_input.hpp"
#include "tokenvault/etcd.hpp"
#include "try.hpp"

namespace tokenvault::cli {
namespace {

Result<SecretBuffer> read_password(const EtcdSettings& given) {
  if (given.password_file.empty()) return SecretBuffer();
  if (given.user.empty())
    return Error(Errc::invalid_argument,
                 "a password for etcd is given and no user: name one with --etcd-user");
  TV_TRY(auto password, read_passphrase_file(given.password_file, "etcd password file"));
  strip_line_end(password);
  return password;
}

Result<EtcdOptions> options_of(const Session& session) {
  const auto& given = session.settings.etcd;
  EtcdOptions options;
  options.ca_file = given.ca_file;
  options.cert_file = given.cert_file;
  options.key_file = given.key_file;
  options.user = given.user;
  TV_TRY(options.password, read_password(given));
  options.warn = [&session](std::string_view text) { session.notice(text); };
  return options;
}

}  // namespace

Result<std::unique_ptr<Store>> open_place(const std::string& uri, const Session& session,
                                          const StoreOptions& options) {
  if (!is_etcd(uri)) return open_store(uri, options);
  TV_TRY(auto etcd, options_of(session));
  return open_etcd_store(std::string_view(uri).substr(kEtcdScheme.size()), std::move(etcd));
}

Status give_way(const Session&, char**) { return Ok{}; }

}  // namespace tokenvault::cli
