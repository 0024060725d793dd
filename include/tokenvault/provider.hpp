#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokenvault/clock.hpp"
#include "tokenvault/secret.hpp"

namespace tokenvault {

/// How a provider makes a new token.
enum class Issue : std::uint8_t {
  replay_safe,  ///< asked again under the same rotation before the new one is used, it leaves one new token alive
  once,         ///< every call makes another one
  human,        ///< a person gets it: issue() is never called
};

/// What becomes of the old token when a new one is made.
enum class OldToken : std::uint8_t {
  kept,     ///< it lives on until somebody revokes it
  expires,  ///< it lives on for the overlap that was asked for, and ends by itself
  dies,     ///< it ends at once
};

/// What a provider declares of itself. The defaults are what has to be assumed where nothing is known.
struct ProviderCapabilities {
  Issue issue = Issue::human;
  OldToken old = OldToken::dies;
  bool find = false;                    ///< it can tell which tokens a rotation made
  bool revoke = false;                  ///< it can end a token
  bool probe = true;                    ///< it can tell a good token from a bad one
  bool one_previous = false;            ///< a second rotation ends the token before the last early
  std::chrono::seconds overlap{0};      ///< the longest that an old token lives on; 0: not known
  std::chrono::seconds propagation{0};  ///< how long a change may take to be seen
  std::vector<std::string> steps;       ///< for the person, where one makes the token; a line each
};

/// Errors: refused, with the first thing that cannot be: spans above a year, more than 20 steps, one above
/// 200 bytes or with control characters.
TOKENVAULT_API Status check_capabilities(const ProviderCapabilities& capabilities);

/// What a call is about. All of it is valid during the call only.
struct ProviderRequest {
  std::string name;      ///< the token's, in the vault
  std::string rotation;  ///< 22 letters and digits; empty for a probe outside a rotation
  /// issue: the token in use, or none; probe: the one asked about; revoke: the one to end, or none where
  /// only `id` is known. find: none.
  const SecretBuffer* token = nullptr;
  const SecretBuffer* current = nullptr;  ///< revoke and find: the token in use
  std::string id;                         ///< the provider's own name for `token`; may be empty
  std::map<std::string, std::string> settings;
  std::map<std::string, const SecretBuffer*> secrets;  ///< the policy's further ones, by its word for each
  std::chrono::seconds overlap{0};                     ///< issue: how long the old one is to live on
  std::chrono::seconds lifetime{0};                    ///< issue: of the new one; 0: as the provider likes
  std::chrono::seconds timeout{30};                    ///< for the whole call
};

/// How a call that changes something went.
enum class Reply : std::uint8_t {
  done,
  refused,  ///< certainly nothing was changed
  doubt,    ///< it may have been, or may still be
};

/// Texts in answers come from outside: whoever keeps or shows one cuts it to one line first.
struct IssueAnswer {
  Reply reply = Reply::doubt;
  std::string id, owner, message;
  std::optional<Time> expires;
  std::optional<std::chrono::seconds> retry_after;
};

enum class TokenState : std::uint8_t { valid, invalid, unknown };

/// "valid", "invalid", "unknown". Static storage.
[[nodiscard]] TOKENVAULT_API std::string_view to_string(TokenState state) noexcept;

struct ProbeAnswer {
  TokenState state = TokenState::unknown;  ///< invalid only where the provider said so itself
  std::string id, owner, message;
  std::optional<Time> expires;
};

struct RevokeAnswer {
  Reply reply = Reply::doubt;  ///< done too where it was gone already
  std::string message;
  std::optional<std::chrono::seconds> retry_after;
};

struct FindAnswer {
  Reply reply = Reply::doubt;
  std::vector<std::string> ids;  ///< of the live tokens that the rotation made
  std::string message;
};

/// Seals a new token and makes it durable. Takes any bytes, as often as it is called; the value is in the
/// vault when it succeeds.
using KeepToken = std::function<Status(SecretBuffer value)>;

/// Whoever issues tokens. Implemented by embedders; check_provider() tells whether one behaves.
/// One object is used by one thread at a time. Nothing in it may throw. An Error means that nothing can be
/// said (no such program, out of memory): of a probe it is unknown, of all else doubt, to be on the safe side. Where
/// certainly nothing was asked, that is Reply::refused.
class TOKENVAULT_API Provider {
 public:
  virtual ~Provider() = default;

  /// What it declares. Contacts nobody, and answers the same each time.
  virtual Result<ProviderCapabilities> describe() = 0;
  /// Makes a new token. Hands its bytes to `keep` before it looks at them or at anything that came with
  /// them, whatever else went wrong. Not called where a person gets the token.
  virtual Result<IssueAnswer> issue(const ProviderRequest& request, const KeepToken& keep) = 0;
  /// Whether `request.token` is accepted now. May be repeated at will.
  virtual Result<ProbeAnswer> probe(const ProviderRequest& request) = 0;
  /// Ends a token. May be repeated. By default refused.
  virtual Result<RevokeAnswer> revoke(const ProviderRequest& request);
  /// Which live tokens `request.rotation` has made. By default refused.
  virtual Result<FindAnswer> find(const ProviderRequest& request);
};

}  // namespace tokenvault
