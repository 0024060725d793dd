#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "recipe/answer_body.hpp"
#include "recipe/http_request.hpp"

namespace tokenvault::recipe {

struct HttpAnswer {
  bool sent = true;                         ///< false: certainly not one byte of the request went out
  bool complete = false;                    ///< the whole answer arrived, within its bounds
  int status = 0;                           ///< 0: none arrived
  std::optional<std::int64_t> retry_after;  ///< seconds, at most a day
  AnswerBody body;                          ///< what arrived
  std::string trouble;                      ///< why it is not complete, for people
};

/// Sends the request once, over a connection of its own, and takes the answer; follows no redirect, uses
/// no proxy, cookie or netrc, and never sends a second time. Errors: io (nothing was sent).
Result<HttpAnswer> exchange(const HttpRequest& request);

}  // namespace tokenvault::recipe
