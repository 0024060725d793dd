#pragma once
#include "recipe/credentials.hpp"
#include "recipe/outcome.hpp"
#include "recipe/recipe.hpp"
#include "recipe/request.hpp"

namespace tokenvault::recipe {

/// What one verb works with. A plain view; whoever makes it keeps the three alive.
struct Task {
  const Recipe& recipe;
  const Request& request;
  const Credentials& credentials;
};

// One for each verb of tvp/1. Errors: whatever happened before a byte was sent, so nothing was changed.
Result<Outcome> describe(const Task& task);
Result<Outcome> issue(const Task& task);
Result<Outcome> probe(const Task& task);
Result<Outcome> revoke(const Task& task);
Result<Outcome> find(const Task& task);

/// Sends the verb's call. Errors: refused (the recipe has no such call, or it cannot be filled in), io.
struct HttpAnswer;
Result<HttpAnswer> send_call(const Task& task);

}  // namespace tokenvault::recipe
