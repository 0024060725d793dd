#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "assets.hpp"
#include "tokenvault/issuer.hpp"

namespace tokenvault::orgapi {

/// What goes back to a client. The server wipes `body` once it is sent.
struct Answer {
  unsigned status = 204;
  std::string type = {};  ///< for Content-Type; empty without a body
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  const Asset* asset = nullptr;  ///< in place of a body
  std::string token_id = {};     ///< whom the log names
};

/// What each problem of our own is: where /problems explains it, what it says, and its status.
struct Problem {
  unsigned status;
  std::string_view slug, title;
};

inline constexpr Problem kWrongHost{421, "host", "This service is not reached by that host name."};
inline constexpr Problem kFraming{400, "framing", "This request could be read in two ways."};
inline constexpr Problem kNoLength{411, "length", "A body needs a Content-Length."};
inline constexpr Problem kTooLarge{413, "too-large", "The body is larger than 64 KiB."};
inline constexpr Problem kNotFound{404, "not-found", "There is nothing here."};
inline constexpr Problem kMethod{405, "method", "This path does not take that method."};
inline constexpr Problem kContentType{415, "content-type", "The body must be application/json."};
inline constexpr Problem kBody{400, "body", "The body is not the JSON object that is expected here."};
inline constexpr Problem kField{400, "field", "A field is missing, unknown, or has a value it cannot have."};
inline constexpr Problem kOrigin{403, "origin", "Changes are made from the service's own page alone."};
inline constexpr Problem kNoSession{401, "session", "Log in first."};
inline constexpr Problem kWrongPassword{401, "password", "That is not the password."};
inline constexpr Problem kThrottled{429, "throttled", "Too many refused attempts; wait a moment."};
inline constexpr Problem kNoToken{404, "no-token", "There is no such token."};
inline constexpr Problem kConflict{409, "conflict",
                                   "Another rotation of this token is open, or was finished."};
inline constexpr Problem kEnded{409, "ended", "This token has ended; make a new one."};
inline constexpr Problem kFull{503, "full", "The example's memory for points is full."};
inline constexpr Problem kBusy{503, "busy", "The database does not answer; try again."};
inline constexpr Problem kInternal{500, "internal", "This went wrong here; the service's log says why."};

[[nodiscard]] Answer problem(const Problem& problem);
/// The same with one more header.
[[nodiscard]] Answer problem(const Problem& what, std::string header, std::string value);
[[nodiscard]] Answer refusal(Refusal refusal, std::string_view scope);
[[nodiscard]] Answer json_answer(unsigned status, const nlohmann::json& value);
/// `value` is an object; the token goes in front of its members and into no JSON tree.
[[nodiscard]] Answer token_answer(const SecretBuffer& token, const nlohmann::json& value);
[[nodiscard]] Answer asset_answer(const Asset& asset);
/// An answer for a call of the library that failed; `attempted` names it in the log. Nothing of `error` is in it.
[[nodiscard]] Answer failure(const Error& error, std::string_view attempted);

}  // namespace tokenvault::orgapi
