#include "rotation/advice.hpp"

#include <fmt/format.h>

namespace tokenvault::rotation {
namespace {

/// A longer name would push the command out of what a note has room for.
constexpr std::size_t kLongestName = 40;

/// What a shell takes as it is.
constexpr std::string_view kPlain =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-:@+%,=";

std::string for_person(std::string_view name, const State& state, const Event& event) {
  switch (state.phase) {
    case Phase::intent:
      if (event.old == Opinion::invalid)
        return fmt::format(
            "the provider takes the current token no more: get one there, then `tokenvault rotate stage "
            "{0}`; "
            "if it does again, `tokenvault rotate abort {0}`",
            name);
      return fmt::format(
          "get a new token from the provider, then `tokenvault rotate stage {0}`; or `tokenvault rotate "
          "abort "
          "{0}`",
          name);
    case Phase::uncertain:
      if (state.has_new)
        return fmt::format(
            "the provider takes neither token, both are kept: `tokenvault rotate verify {0}` asks again; or "
            "`tokenvault rotate abort {0}`, then `tokenvault rotate stage {0}` with one from there",
            name);
      if (event.old == Opinion::invalid)
        return fmt::format(
            "the provider takes the current token no more and the new one never came: get one there, "
            "then `tokenvault rotate stage {}`",
            name);
      return fmt::format(
          "the answer was lost: see whether the provider made a token; `tokenvault rotate stage {0}` with "
          "it, or `tokenvault rotate resume --discard {0}`",
          name);
    case Phase::staged:
      if (event.act == Act::objected)
        return fmt::format("the new token is not fit: `tokenvault rotate abort {}`", name);
      if (event.fresh == Opinion::invalid)
        return fmt::format(
            "the provider rejects the new token and takes the old: `tokenvault rotate verify {0}` asks "
            "again, `tokenvault rotate abort {0}` gives up",
            name);
      return fmt::format(
          "the provider cannot be asked: `tokenvault rotate promote --unverified {0}`, or `tokenvault rotate "
          "abort {0}`",
          name);
    case Phase::retiring:
      return fmt::format(
          "the provider takes the current token no more, so no old one is ended: `tokenvault rotate retire "
          "{0}` asks again, `tokenvault rotate {0}` gets another",
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
          "the new token is in use; the old one may be used until its grace ends, or `tokenvault rotate "
          "retire {}`",
          name);
    case Phase::retiring:
      if (event.act == Act::probed && event.fresh == Opinion::unknown)
        return "the provider does not say whether the current token is good, and no old one is ended before "
               "it does; it is asked again";
      return event.act == Act::not_revoked ? "an old token is not ended yet; it is tried again" : "";
    case Phase::aborted: return "given up; the current token stays";
    default: return {};
  }
}

}  // namespace

std::string advice_for(std::string_view name, const State& state, const Event& event) {
  const bool is_plain = name.find_first_not_of(kPlain) == std::string_view::npos && !name.starts_with('-');
  if (name.size() > kLongestName || !is_plain) name = "NAME";
  return state.asks ? for_person(name, state, event) : by_itself(name, state, event);
}

}  // namespace tokenvault::rotation
