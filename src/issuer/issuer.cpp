#include "tokenvault/issuer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "core/bytes.hpp"
#include "core/mutant.hpp"
#include "core/try.hpp"
#include "issuer/bearer.hpp"
#include "issuer/minted_token.hpp"
#include "issuer/request_check.hpp"
#include "issuer/sightings.hpp"
#include "issuer/verifiers.hpp"

namespace tokenvault {

/// Two connections, so that no decision waits for a change's way to the disk.
class TOKENVAULT_LOCAL Issuer::Impl {
 public:
  using Entry = issuer::Entry;
  using Verifiers = issuer::Verifiers;

  Impl(std::string_view prefix, SecretBuffer hash_key, const Clock& clock, std::unique_ptr<Verifiers> reader,
       std::unique_ptr<Verifiers> writer)
      : prefix_(prefix),
        hash_key_(std::move(hash_key)),
        clock_(clock),
        reader_(std::move(reader)),
        writer_(std::move(writer)) {}

  Result<IssuedToken> issue(const IssueRequest& request);
  Result<Decision> authorize(std::span<const std::string_view> fields, std::string_view scope);
  Result<IssuedToken> rotate(std::string_view id, const TokenRotation& rotation);
  Status revoke(std::string_view id, bool lineage);
  Result<std::vector<TokenRow>> list(std::string_view org);
  Result<TokenRow> find(std::string_view id);
  Status flush();

 private:
  Status check_process() const;
  Result<IssuedToken> add(Entry entry, std::optional<std::chrono::seconds> overlap);
  Status make_room(const Entry& old, const TokenRotation& rotation, Time now);
  Result<bool> use_first(std::string_view id, Time now);
  void see(const Entry& entry, const Decision& decision, Time now);

  const std::string prefix_;
  const SecretBuffer hash_key_;
  const Clock& clock_;
  std::unique_ptr<Verifiers> reader_, writer_;
  issuer::SightingsBoard board_;
};

Status Issuer::Impl::check_process() const {
  if (!mutated("issuer.forked") && hash_key_.expose().empty())
    return Error(Errc::forked, "cannot use the issuer in a forked process: open it again there");
  return Ok{};
}

Result<IssuedToken> Issuer::Impl::issue(const IssueRequest& request) {
  TV_CHECK(check_process());
  const Time now = clock_.now();
  if (!mutated("issuer.request")) TV_CHECK(issuer::check(request, now));
  Entry entry;
  entry.row.grant = {{}, {}, request.org, request.name, request.scopes, request.expires};
  entry.row.created = now;
  if (request.expires) entry.lifetime = *request.expires - now;
  const std::scoped_lock lock(writer_->mutex());
  TV_TRY(auto change, Verifiers::Change::begin(*writer_));
  TV_TRY(auto issued, add(std::move(entry), std::nullopt));
  TV_CHECK(change.commit());
  return issued;
}

/// Mints a token for `entry` and keeps its verifier, inside of a change.
Result<IssuedToken> Issuer::Impl::add(Entry entry, std::optional<std::chrono::seconds> overlap) {
  TV_TRY(auto minted, issuer::mint(prefix_));
  auto& grant = entry.row.grant;
  grant.id = minted.id;
  if (grant.lineage.empty()) grant.lineage = minted.id;
  const auto digest = issuer::verifier_of(as_text(minted.token.expose()), hash_key_);
  TV_CHECK(writer_->insert(entry, digest, overlap));
  return IssuedToken{std::move(minted.token), std::move(grant)};
}

Result<Decision> Issuer::Impl::authorize(std::span<const std::string_view> fields, std::string_view scope) {
  TV_CHECK(check_process());
  const auto read = issuer::read_bearer(fields);
  if (const auto* refusal = std::get_if<Refusal>(&read)) return Decision(*refusal);
  const auto& [token, id] = std::get<issuer::Presented>(read);
  const auto digest = issuer::verifier_of(token, hash_key_);
  const Time now = clock_.now();
  // A first use that somebody else was faster with, or that ended meanwhile, is decided on anew.
  for (int tries = 0; tries < 3; ++tries) {
    std::optional<Entry> entry;
    {
      const std::scoped_lock lock(reader_->mutex());
      TV_TRY(entry, reader_->match(id, digest));
    }
    if (!entry) return mutated("issuer.unknown") ? Decision(Grant{}) : Decision(Refusal::unknown);
    auto decision = issuer::decide(*entry, scope, now);
    if (!std::holds_alternative<Grant>(decision) || entry->row.first_used) {
      see(*entry, decision, now);
      return decision;
    }
    TV_TRY(const bool first, use_first(id, now));
    if (first || mutated("issuer.first_use")) return decision;
  }
  return Error(Errc::unavailable, "cannot decide on a token: its row changes all the time; try again");
}

Result<bool> Issuer::Impl::use_first(std::string_view id, Time now) {
  const std::scoped_lock lock(writer_->mutex());
  TV_TRY(auto change, Verifiers::Change::begin(*writer_));
  TV_TRY(const bool first, writer_->use_first(id, now));
  TV_CHECK(change.commit());
  return first;
}

void Issuer::Impl::see(const Entry& entry, const Decision& decision, Time now) {
  if (!board_.add(entry, decision, now)) return;
  // Where a change is under way the next sighting, or flush(), writes this one too.
  const std::unique_lock lock(writer_->mutex(), std::try_to_lock);
  if (!lock) return;
  writer_->be_patient(false);
  static_cast<void>(board_.write_to(*writer_));
  writer_->be_patient(true);
}

Result<IssuedToken> Issuer::Impl::rotate(std::string_view id, const TokenRotation& rotation) {
  TV_CHECK(check_process());
  if (!mutated("issuer.rotation")) TV_CHECK(issuer::check(rotation));
  const Time now = clock_.now();
  const std::scoped_lock lock(writer_->mutex());
  TV_TRY(auto change, Verifiers::Change::begin(*writer_));
  TV_TRY(const auto old, writer_->find(id));
  if (!old) return Error(Errc::not_found, "cannot rotate a token: there is none with this id");
  TV_CHECK(make_room(*old, rotation, now));
  Entry entry;
  entry.row.grant = old->row.grant;
  entry.row.grant.expires.reset();
  entry.row.created = now;
  entry.row.predecessor = old->row.grant.id;
  entry.rotation = rotation.rotation;
  entry.lifetime = old->lifetime;
  if (entry.lifetime) entry.row.grant.expires = std::min(now + *entry.lifetime, issuer::kLatest);
  entry.lapses = now + rotation.first_use_within;
  TV_TRY(auto issued, add(std::move(entry), rotation.overlap));
  TV_CHECK(change.commit());
  return issued;
}

/// Whether `old` may have another successor; one whose token nobody can have any use for is revoked first.
Status Issuer::Impl::make_room(const Entry& old, const TokenRotation& rotation, Time now) {
  const auto state = issuer::state_of(old, now);
  if (!mutated("issuer.rotate_revoked") && state == IssuedState::revoked)
    return Error(Errc::rejected, "cannot rotate a token: it was revoked");
  if (!mutated("issuer.rotate_expired") && state == IssuedState::expired)
    return Error(Errc::expired, "cannot rotate a token: it has expired");
  if (!mutated("issuer.rotate_unused") && state == IssuedState::pending)
    return Error(Errc::conflict,
                 "cannot rotate a token that was not used yet: use it once, or rotate the one before it");
  if (old.row.successor.empty()) return Ok{};
  TV_TRY(const auto successor, writer_->find(old.row.successor));
  if (!successor) return Ok{};
  if (!mutated("issuer.successor_used") && successor->row.first_used)
    return Error(Errc::conflict, "cannot rotate a token: its successor is in use; rotate that one");
  if (!mutated("issuer.successor_open") && issuer::state_of(*successor, now) == IssuedState::pending &&
      successor->rotation != rotation.rotation)
    return Error(Errc::conflict,
                 "cannot rotate a token: another rotation of it is open; try again when that one ends");
  TV_CHECK(writer_->revoke(successor->row.grant.id, now));
  return Ok{};
}

Status Issuer::Impl::revoke(std::string_view id, bool lineage) {
  TV_CHECK(check_process());
  const std::scoped_lock lock(writer_->mutex());
  TV_TRY(auto change, Verifiers::Change::begin(*writer_));
  const Time now = clock_.now();
  TV_TRY(const bool found, lineage ? writer_->revoke_lineage(id, now) : writer_->revoke(id, now));
  if (!mutated("issuer.revoke_found") && !found)
    return Error(Errc::not_found, "cannot revoke a token: there is none with this id");
  return change.commit();
}

Result<std::vector<TokenRow>> Issuer::Impl::list(std::string_view org) {
  TV_CHECK(check_process());
  std::vector<Entry> entries;
  {
    const std::scoped_lock lock(reader_->mutex());
    TV_TRY(entries, reader_->list(org));
  }
  std::vector<TokenRow> rows;
  rows.reserve(entries.size());
  const Time now = clock_.now();
  for (auto& entry : entries) rows.push_back(board_.complete(std::move(entry), now));
  return rows;
}

Result<TokenRow> Issuer::Impl::find(std::string_view id) {
  TV_CHECK(check_process());
  std::optional<Entry> entry;
  {
    const std::scoped_lock lock(reader_->mutex());
    TV_TRY(entry, reader_->find(id));
  }
  if (!entry) return Error(Errc::not_found, "cannot find a token: there is none with this id");
  return board_.complete(*std::move(entry), clock_.now());
}

Status Issuer::Impl::flush() {
  TV_CHECK(check_process());
  const std::scoped_lock lock(writer_->mutex());
  return board_.write_to(*writer_);
}

Result<Issuer> Issuer::open(const std::string& database, std::string_view prefix,
                            const SecretBuffer& hash_key, const Clock& clock) {
  if (!mutated("issuer.prefix") && !is_token_prefix(prefix))
    return Error(Errc::invalid_argument,
                 "cannot open an issuer: the prefix needs 2 to 16 of a-z and 0-9, and a letter first");
  if (!mutated("issuer.key_size") && hash_key.expose().size() != 32)
    return Error(Errc::invalid_argument,
                 fmt::format("cannot open an issuer: its hash key has {} bytes and needs 32",
                             hash_key.expose().size()));
  TV_TRY(auto key, issuer::hash_key_of(hash_key));
  TV_TRY(auto writer, issuer::Verifiers::open(database));
  {
    const std::scoped_lock lock(writer->mutex());
    if (!mutated("issuer.key_mark")) TV_CHECK(writer->admit_key(issuer::mark_of(key)));
  }
  TV_TRY(auto reader, issuer::Verifiers::open(database));
  return Issuer(std::make_unique<Impl>(prefix, std::move(key), clock, std::move(reader), std::move(writer)));
}

Issuer::Issuer(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
Issuer::Issuer(Issuer&&) noexcept = default;
Issuer& Issuer::operator=(Issuer&& other) noexcept {
  std::swap(impl_, other.impl_);
  return *this;
}
Issuer::~Issuer() {
  if (impl_) static_cast<void>(impl_->flush());
}

Result<IssuedToken> Issuer::issue(const IssueRequest& request) { return impl_->issue(request); }
Result<Decision> Issuer::authorize(std::span<const std::string_view> authorization_fields,
                                   std::string_view scope) {
  return impl_->authorize(authorization_fields, scope);
}
Result<IssuedToken> Issuer::rotate(std::string_view id, const TokenRotation& rotation) {
  return impl_->rotate(id, rotation);
}
Status Issuer::revoke(std::string_view id) { return impl_->revoke(id, false); }
Status Issuer::revoke_lineage(std::string_view id) { return impl_->revoke(id, true); }
Result<std::vector<TokenRow>> Issuer::list(std::string_view org) const { return impl_->list(org); }
Result<TokenRow> Issuer::find(std::string_view id) const { return impl_->find(id); }
Status Issuer::flush() { return impl_->flush(); }

}  // namespace tokenvault
