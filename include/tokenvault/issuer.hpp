#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tokenvault/clock.hpp"
#include "tokenvault/secret.hpp"
#include "tokenvault/token_format.hpp"

namespace tokenvault {

/// Why a request is rejected. Numbers are fixed.
enum class Refusal : std::uint8_t {
  missing = 1,    ///< no credentials, or of another scheme
  ambiguous = 2,  ///< more than one Authorization field
  malformed = 3,  ///< not a token of our form: a typo, a cut one; the database was not asked
  unknown = 4,    ///< a wrong id and a wrong secret look alike
  expired = 5,    ///< said only to who holds the right secret
  revoked = 6,    ///< likewise
  scope = 7,      ///< a good token that may not do this
};

/// "missing", "ambiguous", ... Static storage; thread-safe.
[[nodiscard]] TOKENVAULT_API std::string_view to_string(Refusal refusal) noexcept;

/// What a live token stands for. Nothing in it is secret.
struct Grant {
  std::string id;       ///< 12 characters, public
  std::string lineage;  ///< the id of the first token of its family: all that rotation made from it
  std::string org;
  std::string name;    ///< what people call it
  std::string scopes;  ///< as RFC 6749 section 3.3 writes them, a blank between two; may be empty
  std::optional<Time> expires;
};

/// Whether `scopes` has `scope` among its words. Thread-safe.
[[nodiscard]] TOKENVAULT_API bool has_scope(std::string_view scopes, std::string_view scope) noexcept;

using Decision = std::variant<Grant, Refusal>;

/// A token at its one and only appearance: nobody can get it from the issuer again.
struct IssuedToken {
  SecretBuffer token;
  Grant grant;
};

struct IssueRequest {
  std::string org, name;        ///< 1 to 100 bytes of printable UTF-8 each
  std::string scopes;           ///< at most 400 bytes: words of printable ASCII without quote and backslash
  std::optional<Time> expires;  ///< in the future
};

struct TokenRotation {
  std::string rotation;  ///< 1 to 64 of A-Z a-z 0-9 _ -: the same again is a repetition
  std::chrono::seconds overlap{
      0};  ///< how long the old one lives after the first use of the new: 0 to 7 days
  std::chrono::seconds first_use_within{10 * 60};  ///< or the new one ends unused: 1 second to 7 days
};

/// What is derived from a token's row and the time; never stored.
enum class IssuedState : std::uint8_t {
  active,
  pending,  ///< made by a rotation and not used yet
  expired,
  revoked,
};

/// "active", "pending", "expired", "revoked". Static storage; thread-safe.
[[nodiscard]] TOKENVAULT_API std::string_view to_string(IssuedState state) noexcept;

/// What a list shows of a token: never its secret, and never the hash of it.
struct TokenRow {
  Grant grant;
  IssuedState state = IssuedState::active;
  Time created;
  std::optional<Time> first_used, last_used;  ///< last_used is at most a minute behind
  std::optional<Time> refused;  ///< when it was last presented after its end: somebody still uses it
  std::optional<Time> revoked;
  std::string predecessor, successor;  ///< ids in its lineage; a revoked successor is not named; may be empty
};

/// Makes tokens for organisations and tells good ones from all others. Keeps only keyed hashes (BLAKE2b-256): who reads
/// the database gets no token, and who writes to it cannot add one that works without the hash key. That key is
/// itself a secret: keep it in a vault.
///
/// A rotation never locks anybody out: the old token is untouched until the new one is used for the first time, which
/// proves that somebody holds it; then it has the overlap left to live. So a rotation whose answer was lost may simply
/// be asked for again: of one rotation at most one new token is alive.
///
/// Thread-safe; several processes may share a database. Every change is durable when the call returns. Not to be used
/// in a child that was forked from its process.
///
/// Errors of all calls, besides their own: unavailable (the database is locked for more than 10 s; changes of one
/// process wait in turn, so the last of three may wait 30 s), io (the disk is full, or fails), tampered (a row that no
/// issuer writes), forked, out_of_memory.
class TOKENVAULT_API Issuer {
 public:
  /// The issuer whose verifiers are in the SQLite database at `database`, which is made (mode 0600) where it is absent.
  /// `prefix` begins all its tokens, `hash_key` is any 32 bytes, `clock` must outlive it. `master` in docs/issuer.md
  /// is that key. Errors: invalid_argument (prefix, size of the key), wrong_key (the database was made with another),
  /// tampered (another program's database), unsupported (a later version's, or this build is without the issuer),
  /// refused (others may write it), permission_denied.
  static Result<Issuer> open(const std::string& database, std::string_view prefix,
                             const SecretBuffer& hash_key, const Clock& clock = system_clock());
  Issuer(Issuer&&) noexcept;
  Issuer& operator=(Issuer&&) noexcept;
  ~Issuer();

  /// A new token, the first of its lineage. Errors: invalid_argument (a field, see IssueRequest).
  Result<IssuedToken> issue(const IssueRequest& request);

  /// Decides on a request by all its Authorization field values, in order. Exactly one is looked at: "Bearer", in any
  /// case, blanks, a token. `scope` is one word, or empty where any live token will do. Takes one keyed hash and one
  /// indexed look-up whether the id or the secret is wrong. Writes at a token's first use, once a minute for
  /// last_used, and where a dead token with the right secret is presented (once a minute as well); a write that fails
  /// then is an error only at a first use. The caller wipes its fields.
  Result<Decision> authorize(std::span<const std::string_view> authorization_fields, std::string_view scope);

  /// The token that follows `id`, with its organisation, name and scopes, and its lifetime from now on. The caller has
  /// authorized whoever asks. An unused successor of the same rotation, or one that was not used in time, is
  /// revoked and replaced. Errors: invalid_argument, not_found, expired (this one has ended), rejected (it was
  /// revoked), conflict (another rotation of it is open, its successor is in use, or it was not used itself yet).
  Result<IssuedToken> rotate(std::string_view id, const TokenRotation& rotation);

  /// Ends one token; again is fine. From the return on nobody is let in by it. Errors: not_found.
  Status revoke(std::string_view id);
  /// Ends it and all of its lineage, before and after: for one that leaked. Errors: not_found.
  Status revoke_lineage(std::string_view id);

  /// Every token of `org`, newest first. A rotation's revoked and never used ones are left out.
  Result<std::vector<TokenRow>> list(std::string_view org) const;
  /// One token's row. Errors: not_found.
  Result<TokenRow> find(std::string_view id) const;

  /// Writes the last uses that are still in memory. Called by the destructor too. Errors: those of all calls.
  Status flush();

 private:
  class Impl;
  explicit Issuer(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

/// An HTTP answer to a request that was rejected. Nothing of the request is in it.
struct HttpRefusal {
  int status = 0;                ///< 401, 403, or 400
  std::string www_authenticate;  ///< the value of WWW-Authenticate, RFC 6750 section 3
  std::string body;              ///< RFC 9457; its type is application/problem+json
};

/// How `refusal` is said in HTTP: golden bytes in docs/issuer.md. `realm` has no quote or backslash; `scope` is what
/// was asked of the token. Thread-safe.
[[nodiscard]] TOKENVAULT_API HttpRefusal describe(Refusal refusal, std::string_view realm,
                                                  std::string_view scope = {});

}  // namespace tokenvault
