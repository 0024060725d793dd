#include "recipe/statuses.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/try.hpp"
#include "recipe/faults.hpp"

namespace tokenvault::recipe {

namespace {

// 408 says nothing about what was done, and 429 has its own meaning everywhere.
bool is_clear_refusal(int status) { return status >= 400 && status <= 499 && status != 408; }

bool can_be_yes(Verb verb, int status) {
  if (is_success(status)) return true;
  if (verb == Verb::revoke) return status == 401 || status == 404 || status == 410;
  return verb == Verb::probe && is_clear_refusal(status) && status != 401 && status != 429;
}

bool can_be_no(Verb verb, int status) {
  if (verb == Verb::probe) return is_clear_refusal(status) && status != 429;
  return is_clear_refusal(status) && !(verb == Verb::issue && status == 401);
}

Result<std::vector<int>> read_list(const Document& object, std::string_view where, const char* member) {
  std::vector<int> statuses;
  const auto found = object.find(member);
  if (found == object.end()) return statuses;
  const auto place = fmt::format("{}.{}", where, member);
  if (!found->is_array() || found->empty()) return fault_at(place, "it is not a list of HTTP statuses");
  for (const auto& value : *found) {
    if (!value.is_number_integer() || value < 200 || value > 599) {
      return fault_at(place, "it holds something that is no HTTP status");
    }
    statuses.push_back(value.get<int>());
  }
  return statuses;
}

Status check_each(const std::vector<int>& statuses, Verb verb, std::string_view where, const char* member,
                  bool (*can_be)(Verb, int)) {
  for (const int status : statuses) {
    if (!can_be(verb, status)) {
      return fault_at(fmt::format("{}.{}", where, member), fmt::format("status {} cannot mean that", status));
    }
  }
  return Ok{};
}

}  // namespace

bool is_success(int status) { return status >= 200 && status <= 299; }

Status read_statuses(const Document& object, Verb verb, std::string_view where, Call& call) {
  const auto* yes = verb == Verb::probe ? "valid" : "done";
  const auto* no = verb == Verb::probe ? "invalid" : "refused";
  TV_TRY(call.yes, read_list(object, where, yes));
  TV_TRY(call.no, read_list(object, where, no));
  if (call.yes.empty()) return fault_at(where, fmt::format("{} is missing", yes));
  if (call.no.empty() && verb == Verb::probe) return fault_at(where, fmt::format("{} is missing", no));
  TV_CHECK(check_each(call.yes, verb, where, yes, can_be_yes));
  TV_CHECK(check_each(call.no, verb, where, no, can_be_no));
  if (std::ranges::find_first_of(call.yes, call.no) != call.yes.end()) {
    return fault_at(where, fmt::format("one status is both {} and {}", yes, no));
  }
  return Ok{};
}

}  // namespace tokenvault::recipe
