#include "rotation/advice.hpp"

#include <fmt/format.h>

namespace tokenvault::rotation {
namespace {

std::string for_person(std::string_view name, const State& state, const Event& event) {
  switch (state.phase) {
    case Phase::intent:
      if (event.old == Opinion::invalid)
        return fmt::format(
            "the provider takes the current token no more: get one there, then `rotate stage {}`", name);
      return fmt::format("get a new token from the provider, then `rotate stage {}`", name);
    case Phase::uncertain:
      if (state.has_new)
        return fmt::format(
            "the provider takes neither token: both are kept; get one, `rotate abort {0}`, `put {0}`", name);
      if (event.old == Opinion::invalid)
        return fmt::format(
            "the provider takes the current token no more and the new one never came: get one there, "
            "then `rotate stage {}`",
            name);
      return fmt::format(
          "the answer was lost: see whether the provider made a token; `rotate stage {0}` with it, or "
          "`rotate resume --discard {0}`",
          name);
    case Phase::staged:
      if (event.act == Act::objected) return fmt::format("the new token is not fit: `rotate abort {}`", name);
      if (event.fresh == Opinion::invalid)
        return fmt::format(
            "the provider rejects the new token and takes the old: `rotate verify {0}` asks again, "
            "`rotate abort {0}` gives up",
            name);
      return fmt::format(
          "the provider cannot be asked: `rotate promote --unverified {0}`, or `rotate abort {0}`", name);
    case Phase::retiring:
      return fmt::format("the provider takes the current token no more, so no old one is ended: `probe {}`",
                         name);
    default: return {};
  }
}

std::string by_itself(std::string_view name, const State& state, const Event& event) {
  switch (state.phase) {
    case Phase::intent:
      return event.act == Act::refused || event.act == Act::probed
                 ? "the provider refused, nothing was changed; it is asked again"
                 : "";
    case Phase::uncertain: return "the answer was lost; the provider is asked what became of it";
    case Phase::staged:
    case Phase::verified:
      if (event.fresh == Opinion::invalid)
        return "the provider does not take the new token yet; it is asked again";
      if (event.fresh == Opinion::unknown || event.old == Opinion::unknown)
        return "the provider gave no clear answer about the new token; it is asked again";
      return {};
    case Phase::promoted:
      return fmt::format(
          "the new token is in use; the old one may be used until its grace ends, or `rotate retire {}`",
          name);
    case Phase::retiring:
      return event.act == Act::not_revoked ? "an old token is not ended yet; it is tried again" : "";
    case Phase::aborted: return "given up; the current token stays";
    default: return {};
  }
}

}  // namespace

std::string advice_for(std::string_view name, const State& state, const Event& event) {
  return state.asks ? for_person(name, state, event) : by_itself(name, state, event);
}

}  // namespace tokenvault::rotation
