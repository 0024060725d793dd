#include "tokenvault/exec_provider.hpp"

#include <map>
#include <optional>
#include <utility>

#include "core/try.hpp"
#include "tvp/answer.hpp"
#include "tvp/program.hpp"
#include "tvp/run.hpp"

namespace tokenvault {
namespace {

using tvp::Outcome;
using tvp::Run;
using tvp::Verb;

class ExecProvider final : public Provider {
 public:
  ExecProvider(std::string program, std::map<std::string, std::string> settings)
      : program_(std::move(program)), settings_(std::move(settings)) {}

  Result<ProviderCapabilities> describe() override;
  Result<IssueAnswer> issue(const ProviderRequest& request, const KeepToken& keep) override;
  Result<ProbeAnswer> probe(const ProviderRequest& request) override;
  Result<RevokeAnswer> revoke(const ProviderRequest& request) override;
  Result<FindAnswer> find(const ProviderRequest& request) override;

 private:
  /// The request's own settings go before those that the provider was opened with.
  [[nodiscard]] ProviderRequest told(const ProviderRequest& request) const {
    auto copy = request;
    copy.settings.insert(settings_.begin(), settings_.end());
    return copy;
  }

  std::string program_;
  std::map<std::string, std::string> settings_;
  std::optional<ProviderCapabilities> declared_;
};

Result<ProviderCapabilities> read_description(const Run& run) {
  if (run.outcome() != Outcome::done) return Error(Errc::unreachable, run.reason({}));
  TV_TRY(auto declared, tvp::parse_describe_answer(run.answer()));
  TV_CHECK(check_capabilities(declared));
  return declared;
}

Reply reply_of(const Run& run) noexcept {
  return run.outcome() == Outcome::refused ? Reply::refused : Reply::doubt;
}

/// Of a call that came to nothing; `fault`: what is not sound about its answer.
template <typename Answer>
Answer failed(const Run& run, std::string_view fault) {
  Answer answer;
  const auto remark = tvp::parse_remark(run.answer());
  if constexpr (requires { answer.reply; }) answer.reply = reply_of(run);
  if constexpr (requires { answer.retry_after; }) answer.retry_after = remark.retry_after;
  answer.message = run.reason(fault, remark.message);
  return answer;
}

/// The answer of a program that is done, or what its failure means.
template <typename Answer>
Answer settled(const Run& run, Result<Answer> (*parse)(std::string_view)) {
  if (run.outcome() != Outcome::done) return failed<Answer>(run, {});
  auto answer = parse(run.answer());
  if (!answer) return failed<Answer>(run, answer.error().message());
  answer->message = run.redacted(answer->message);
  return *std::move(answer);
}

/// A secret in the place of a name: the name is dropped, since it would be shown and stored in the clear.
void drop_secrets(const Run& run, std::string& id, std::string& owner) {
  for (std::string* text : {&id, &owner}) {
    if (run.holds_secret(*text)) text->clear();
  }
}

Result<ProviderCapabilities> ExecProvider::describe() {
  if (declared_) return *declared_;
  TV_TRY(const auto run, Run::of(program_, Verb::describe, told({}), nullptr));
  auto declared = read_description(run);
  if (!declared) {
    return Error(Errc::unreachable,
                 "cannot learn what " + program_ + " can do: " + declared.error().message());
  }
  declared_ = *declared;
  return declared;
}

Result<IssueAnswer> ExecProvider::issue(const ProviderRequest& request, const KeepToken& keep) {
  TV_TRY(const auto run, Run::of(program_, Verb::issue, told(request), &keep));
  TV_CHECK(run.kept());
  auto answer = settled(run, tvp::parse_issue_answer);
  drop_secrets(run, answer.id, answer.owner);
  if (answer.reply == Reply::done && !run.brought_token()) {
    answer.reply = Reply::doubt;
    answer.message =
        run.reason(run.token_was_too_long() ? "its token is longer than 32 KiB" : "it gave no token");
  }
  if (answer.reply == Reply::refused && run.brought_token()) {
    answer.reply = Reply::doubt;
    answer.message = run.reason("it refused, and gave a token all the same");
  }
  return answer;
}

Result<ProbeAnswer> ExecProvider::probe(const ProviderRequest& request) {
  TV_TRY(const auto run, Run::of(program_, Verb::probe, told(request), nullptr));
  auto answer = settled(run, tvp::parse_probe_answer);
  drop_secrets(run, answer.id, answer.owner);
  return answer;
}

Result<RevokeAnswer> ExecProvider::revoke(const ProviderRequest& request) {
  TV_TRY(const auto run, Run::of(program_, Verb::revoke, told(request), nullptr));
  return settled(run, tvp::parse_revoke_answer);
}

Result<FindAnswer> ExecProvider::find(const ProviderRequest& request) {
  TV_TRY(const auto run, Run::of(program_, Verb::find, told(request), nullptr));
  auto answer = settled(run, tvp::parse_find_answer);
  // Not one of them may be left out: the caller would take that token for revoked.
  for (const auto& id : answer.ids) {
    if (run.holds_secret(id)) return failed<FindAnswer>(run, "one of its ids holds a secret");
  }
  return answer;
}

}  // namespace

Result<std::unique_ptr<Provider>> open_exec_provider(const std::string& program,
                                                     const std::map<std::string, std::string>& settings) {
  TV_CHECK(tvp::check_program(program));
  return std::unique_ptr<Provider>(std::make_unique<ExecProvider>(program, settings));
}

}  // namespace tokenvault
