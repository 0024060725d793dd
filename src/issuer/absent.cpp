#include "tokenvault/issuer.hpp"

namespace tokenvault {
namespace {

Error no_issuer() {
  return Error(Errc::unsupported,
               "cannot open an issuer: this build has none (configure with -Dissuer=enabled)");
}

}  // namespace

class Issuer::Impl {};

Issuer::Issuer(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
Issuer::Issuer(Issuer&&) noexcept = default;
Issuer& Issuer::operator=(Issuer&&) noexcept = default;
Issuer::~Issuer() = default;

Result<Issuer> Issuer::open(const std::string&, std::string_view, const SecretBuffer&, const Clock&) {
  return no_issuer();
}
Result<IssuedToken> Issuer::issue(const IssueRequest&) { return no_issuer(); }
Result<Decision> Issuer::authorize(std::span<const std::string_view>, std::string_view) {
  return no_issuer();
}
Result<IssuedToken> Issuer::rotate(std::string_view, const TokenRotation&) { return no_issuer(); }
Status Issuer::revoke(std::string_view) { return no_issuer(); }
Status Issuer::revoke_lineage(std::string_view) { return no_issuer(); }
Result<std::vector<TokenRow>> Issuer::list(std::string_view) const { return no_issuer(); }
Result<TokenRow> Issuer::find(std::string_view) const { return no_issuer(); }
Status Issuer::flush() { return no_issuer(); }

}  // namespace tokenvault
