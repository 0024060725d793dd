// The calls of a checkup: each is counted, and its texts are searched for tokens.
#include <algorithm>
#include <utility>

#include "core/bytes.hpp"
#include "rotation/checkup.hpp"
#include "rotation/line.hpp"

namespace tokenvault::rotation {
namespace {

constexpr std::chrono::seconds kBetweenLooks{1};
constexpr std::chrono::seconds kUsualOverlap = std::chrono::hours(1);

}  // namespace

void Checkup::wrong(std::string_view what) {
  if (std::ranges::find(report_.faults, what) == report_.faults.end()) report_.faults.emplace_back(what);
}

void Checkup::fail(std::string_view verb, const Error& error) {
  read(verb, error.message());
  const SecretBuffer* tokens[]{&old_.value, &fresh_.value};
  wrong(std::string(verb) + ": it fails: " + line_of(error.message(), tokens));
}

bool Checkup::holds_token(std::string_view text) const {
  return holds(text, old_.value) || holds(text, fresh_.value) ||
         std::ranges::any_of(check_.secrets, [&](const auto& secret) { return holds(text, *secret.second); });
}

void Checkup::read(std::string_view verb, std::string_view text) {
  if (holds_token(text)) wrong(std::string(verb) + ": the answer's text holds a token");
}

ProviderRequest Checkup::request(const Known* about) {
  ++report_.calls;
  ProviderRequest request;
  request.name = "check/provider";
  request.rotation = rotation_;
  request.settings = check_.settings;
  request.secrets = check_.secrets;
  if (about != nullptr) {
    request.token = &about->value;
    request.id = about->id;
  }
  return request;
}

std::pair<std::vector<SecretBuffer>, Reply> Checkup::issue() {
  auto asked = request(&old_);
  asked.overlap = declared_.overlap.count() != 0 ? declared_.overlap : kUsualOverlap;
  const auto handed = handed_.emplace_back(std::make_shared<std::vector<SecretBuffer>>());
  const auto answer = provider_->issue(asked, [handed](SecretBuffer value) -> Status {
    handed->push_back(std::move(value));
    return Ok{};
  });
  auto kept = std::exchange(*handed, {});
  if (!answer) {
    fail("issue", answer.error());
    return {std::move(kept), Reply::refused};
  }
  for (const auto* text : {&answer->id, &answer->owner, &answer->message}) {
    read("issue", *text);
    if (std::ranges::any_of(kept, [&](const SecretBuffer& token) { return holds(*text, token); }))
      wrong("issue: the answer's text holds a token");
  }
  if (fresh_.value.empty()) {
    fresh_.id = answer->id;
    fresh_.owner = answer->owner;
  }
  return {std::move(kept), answer->reply};
}

std::optional<ProbeAnswer> Checkup::probe(const Known& about) {
  auto answer = provider_->probe(request(&about));
  if (!answer) {
    fail("probe", answer.error());
    return std::nullopt;
  }
  for (const auto* text : {&answer->id, &answer->owner, &answer->message}) {
    read("probe", *text);
    if (holds(*text, about.value)) wrong("probe: the answer's text holds a token");
  }
  return *std::move(answer);
}

void Checkup::learn(Known& about, const ProbeAnswer& answer) {
  if (!answer.id.empty() && !about.id.empty() && answer.id != about.id)
    wrong("probe: a token has another id than before");
  if (!answer.owner.empty() && !about.owner.empty() && answer.owner != about.owner)
    wrong("probe: a token has another owner than before");
  if (about.id.empty()) about.id = answer.id;
  if (about.owner.empty()) about.owner = answer.owner;
}

bool Checkup::becomes(Known& about, TokenState wanted) {
  const auto until = check_.clock->steady() + declared_.propagation + check_.settle;
  for (;;) {
    const auto answer = probe(about);
    if (answer && answer->state == TokenState::valid) learn(about, *answer);
    if (answer && answer->state == wanted) return true;
    if (check_.clock->steady() >= until) return false;
    check_.clock->sleep(kBetweenLooks);
  }
}

Reply Checkup::revoke(const Known& about, bool by_id) {
  auto asked = request(&about);
  asked.current = &fresh_.value;
  if (by_id) asked.token = nullptr;
  const auto answer = provider_->revoke(asked);
  if (!answer) {
    fail("revoke", answer.error());
    return Reply::refused;
  }
  read("revoke", answer->message);
  return answer->reply;
}

std::optional<std::vector<std::string>> Checkup::find(const std::string& rotation) {
  auto asked = request(nullptr);
  asked.rotation = rotation;
  asked.current = &fresh_.value;
  auto answer = provider_->find(asked);
  if (!answer) {
    fail("find", answer.error());
    return std::nullopt;
  }
  read("find", answer->message);
  for (const auto& id : answer->ids) read("find", id);
  if (answer->reply != Reply::done) {
    wrong("find: it is not done");
    return std::nullopt;
  }
  return std::move(answer->ids);
}

}  // namespace tokenvault::rotation
