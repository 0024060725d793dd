#include "opening.hpp"

#include "etcd_address.hpp"
#include "sibling.hpp"

namespace tokenvault::cli {
namespace {

bool opens_etcd(const Session& session) {
  const auto& request = session.request;
  if (request.verb == "migrate") return is_etcd(request.from) || is_etcd(request.to);
  return is_etcd(session.settings.vault_uri) && request.verb != "completion";
}

}  // namespace

Result<std::unique_ptr<Store>> open_place(const std::string& uri, const Session&,
                                          const StoreOptions& options) {
  return open_store(uri, options);
}

Status give_way(const Session& session, char** words) {
  if (!opens_etcd(session)) return Ok{};
  return become_sibling(words, session.inherited);
}

}  // namespace tokenvault::cli
