#include "tvp/answer.hpp"

#include "core/try.hpp"
#include "tvp/answer_object.hpp"

namespace tokenvault::tvp {
namespace {

constexpr std::size_t kMostSteps = 20, kMostIds = 100;

Error unsound(const char* what) { return Error(Errc::refused, what); }

Result<Remark> remark_of(const AnswerObject& answer) {
  Remark remark;
  TV_TRY(remark.message, answer.text("message"));
  TV_TRY(remark.retry_after, answer.span("retry_after"));
  return remark;
}

Result<Issue> parse_issue(const AnswerObject& answer) {
  TV_TRY(const std::string word, answer.line("issue"));
  if (word == "replay_safe") return Issue::replay_safe;
  if (word == "once") return Issue::once;
  if (word == "human") return Issue::human;
  return unsound("its member \"issue\" is none of replay_safe, once, human");
}

Result<OldToken> parse_old(const AnswerObject& answer) {
  TV_TRY(const std::string word, answer.line("old"));
  if (word == "kept") return OldToken::kept;
  if (word == "expires") return OldToken::expires;
  if (word == "dies") return OldToken::dies;
  return unsound("its member \"old\" is none of kept, expires, dies");
}

Result<TokenState> parse_state(const AnswerObject& answer) {
  TV_TRY(const std::string word, answer.line("state"));
  for (const auto state : {TokenState::valid, TokenState::invalid, TokenState::unknown}) {
    if (word == to_string(state)) return state;
  }
  return unsound("its member \"state\" is none of valid, invalid, unknown");
}

Status read_flags(const AnswerObject& answer, ProviderCapabilities& to) {
  TV_TRY(to.find, answer.flag("find", false));
  TV_TRY(to.revoke, answer.flag("revoke", to.old == OldToken::kept));
  TV_TRY(to.probe, answer.flag("probe", true));
  TV_TRY(to.one_previous, answer.flag("one_previous", false));
  return Ok{};
}

}  // namespace

Result<ProviderCapabilities> parse_describe_answer(std::string_view text) {
  TV_TRY(const auto answer, AnswerObject::parse(text));
  if (!answer.is_number("tvp", 1)) return unsound("its member \"tvp\" is not 1");
  ProviderCapabilities all;
  TV_TRY(all.issue, parse_issue(answer));
  TV_TRY(all.old, parse_old(answer));
  TV_CHECK(read_flags(answer, all));
  TV_TRY(const auto overlap, answer.span("overlap"));
  TV_TRY(const auto propagation, answer.span("propagation"));
  all.overlap = overlap.value_or(std::chrono::seconds(0));
  all.propagation = propagation.value_or(std::chrono::seconds(0));
  TV_TRY(all.steps, answer.lines("steps", kMostSteps));
  TV_CHECK(answer.line("origin"));
  return all;
}

Result<IssueAnswer> parse_issue_answer(std::string_view text) {
  TV_TRY(const auto answer, AnswerObject::parse(text));
  TV_TRY(const auto remark, remark_of(answer));
  IssueAnswer all{.reply = Reply::done,
                  .id = {},
                  .owner = {},
                  .message = remark.message,
                  .expires = {},
                  .retry_after = remark.retry_after};
  TV_TRY(all.id, answer.line("id"));
  TV_TRY(all.owner, answer.line("owner"));
  TV_TRY(all.expires, answer.moment("expires"));
  return all;
}

Result<ProbeAnswer> parse_probe_answer(std::string_view text) {
  TV_TRY(const auto answer, AnswerObject::parse(text));
  ProbeAnswer all;
  TV_TRY(all.state, parse_state(answer));
  TV_TRY(all.message, answer.text("message"));
  TV_TRY(all.id, answer.line("id"));
  TV_TRY(all.owner, answer.line("owner"));
  TV_TRY(all.expires, answer.moment("expires"));
  return all;
}

Result<RevokeAnswer> parse_revoke_answer(std::string_view text) {
  TV_TRY(const auto answer, AnswerObject::parse(text));
  TV_TRY(const auto remark, remark_of(answer));
  TV_TRY(const std::string state, answer.line("state"));
  if (state != "gone") return unsound("its member \"state\" is not gone");
  return RevokeAnswer{Reply::done, remark.message, remark.retry_after};
}

Result<FindAnswer> parse_find_answer(std::string_view text) {
  TV_TRY(const auto answer, AnswerObject::parse(text));
  FindAnswer all{Reply::done, {}, {}};
  if (!answer.has("ids")) return unsound("its member \"ids\" is missing");
  TV_TRY(all.ids, answer.lines("ids", kMostIds));
  TV_TRY(all.message, answer.text("message"));
  return all;
}

Remark parse_remark(std::string_view text) {
  auto answer = AnswerObject::parse(text);
  if (!answer) return {};
  auto remark = remark_of(*answer);
  return remark ? *std::move(remark) : Remark{};
}

}  // namespace tokenvault::tvp
