#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "core/try.hpp"
#include "recipe/meaning.hpp"
#include "recipe/output.hpp"
#include "recipe/statuses.hpp"
#include "recipe/taken.hpp"
#include "recipe/verbs.hpp"

namespace tokenvault::recipe {

namespace {

constexpr int kTokenOut = 4;

// Asked before anything is sent: a token that cannot be handed over is lost.
Status check_way_out() {
  const int flags = ::fcntl(kTokenOut, F_GETFL);
  if (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY) return Ok{};
  return Error(Errc::refused, "hand over a new token: descriptor 4 is not open for it");
}

/// What arrived of the token; the rest of the answer may be cut, unsound, or not what the recipe expects.
std::optional<SecretBuffer> token_in(const Call& call, const HttpAnswer& answer) {
  const auto* pointer = call.taking("token");
  if (pointer == nullptr || !is_success(answer.status)) return std::nullopt;
  const auto written = find_json(answer.body.view(), *pointer);
  if (!written) return std::nullopt;
  auto token = json_string(*written);
  if (!token || token->empty()) return std::nullopt;
  return *std::move(token);
}

bool hand_over(const SecretBuffer& token) {
  const bool written = write_all(kTokenOut, text_of(token));
  return ::close(kTokenOut) == 0 && written;
}

Outcome verdict_on_yes(const Task& task, const Call& call, const HttpAnswer& answer,
                       const SecretBuffer& token) {
  const auto* current = task.credentials.find("token");
  if (current != nullptr && equal_constant_time(*current, token)) {
    return in_doubt("the provider answered with the token that is in use");
  }
  auto taken = taken_from(answer.body.view(), call);
  if (!taken) return in_doubt("the new token arrived, and what the recipe takes beside it did not");
  const auto is_token = [&](const nlohmann::json& member) {
    return *member.get_ptr<const std::string*>() == text_of(token);
  };
  if (std::ranges::any_of(*taken, is_token))
    return in_doubt("the new token arrived, and again as its own id");
  return done(*std::move(taken));
}

Outcome verdict(const Task& task, const Call& call, const HttpAnswer& answer, const SecretBuffer* token) {
  if (auto ended = unless_yes(call, answer)) return *std::move(ended);
  if (token == nullptr) return in_doubt("the provider's answer has no token where the recipe says");
  return verdict_on_yes(task, call, answer, *token);
}

}  // namespace

Result<Outcome> issue(const Task& task) {
  if (task.recipe.issue == "human")
    return Error(Errc::refused, "a person issues this token; see the steps of describe");
  TV_CHECK(check_way_out());
  TV_TRY(const auto answer, send_call(task));
  const auto& call = *task.recipe.issue_call;
  const auto token = token_in(call, answer);
  if (token && !hand_over(*token))
    return in_doubt("a new token arrived and could not be handed over on descriptor 4");
  return verdict(task, call, answer, token ? &*token : nullptr);
}

}  // namespace tokenvault::recipe
