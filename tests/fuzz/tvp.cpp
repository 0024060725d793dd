// What a provider's program says: the first byte says as an answer to what, or that it is its words on descriptor 2.
#include <algorithm>
#include <string>

#include "core/utf8.hpp"
#include "target.hpp"
#include "tvp/answer.hpp"
#include "tvp/redaction.hpp"

using namespace tokenvault;
using namespace tokenvault::fuzz;
using namespace tokenvault::tvp;

namespace {

constexpr auto kYear = std::chrono::seconds(366 * 24 * 3600);
constexpr std::string_view kToken = "S3CRETmarker";

bool is_line(const std::string& text) { return text.size() <= 200 && is_plain_text(text); }

void check_wait(const std::optional<std::chrono::seconds>& span) {
  must(span.value_or(std::chrono::seconds(0)) >= std::chrono::seconds(0) && span.value_or(kYear) <= kYear,
       "nobody is told to wait for more than a year");
}

void check(const ProviderCapabilities& all) {
  must(check_capabilities(all).has_value(), "what a program can do is sound");
  must(all.steps.size() <= 20 && std::ranges::all_of(all.steps, is_line), "steps are lines");
}
void check(const IssueAnswer& all) {
  must(all.reply == Reply::done && is_line(all.id) && is_line(all.owner), "id and owner are lines");
  check_wait(all.retry_after);
}
void check(const ProbeAnswer& all) { must(is_line(all.id) && is_line(all.owner), "id and owner are lines"); }
void check(const RevokeAnswer& all) {
  must(all.reply == Reply::done, "what is gone is done");
  check_wait(all.retry_after);
}
void check(const FindAnswer& all) {
  must(all.ids.size() <= 100 && std::ranges::all_of(all.ids, is_line), "at most 100 lines are found");
}

template <typename T>
void check(const Result<T>& answer) {
  if (!answer) return check_error(answer.error(), {Errc::refused});
  check(*answer);
}

void check_words(std::string_view text) {
  must(is_line(one_line(text)), "one line is one line");
  must(is_line(last_line(text, false)) && is_line(last_line(text, true)), "the last line is a line");
  static const SecretBuffer token = secret_of(kToken);
  Redaction redaction;
  redaction.add(token);
  const auto clean = redaction.clean(text);
  must(clean.find(kToken) == std::string::npos, "no secret is left");
  must(one_line(clean).find(kToken) == std::string::npos, "nor in the line that is shown");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto text = text_of(data + 1, size - 1);
  switch (data[0] % 7) {
    case 0: check(parse_describe_answer(text)); break;
    case 1: check(parse_issue_answer(text)); break;
    case 2: check(parse_probe_answer(text)); break;
    case 3: check(parse_revoke_answer(text)); break;
    case 4: check(parse_find_answer(text)); break;
    case 5: check_wait(parse_remark(text).retry_after); break;
    default: check_words(text);
  }
  check_memory();
  return 0;
}
