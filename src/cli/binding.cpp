#include "binding.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tokenvault/name.hpp"
#include "try.hpp"

namespace tokenvault::cli {
namespace {

Result<Binding> parse_binding(std::string_view text, std::string_view option, std::string_view target) {
  const auto equals = text.find('=');
  if (equals == 0 || equals == std::string_view::npos)
    return Error(Errc::invalid_argument, fmt::format("{} takes {}=NAME", option, target));
  const Binding binding{text.substr(0, equals), text.substr(equals + 1)};
  TV_CHECK(check_name(binding.name));
  return binding;
}

}  // namespace

Result<std::vector<Binding>> parse_bindings(const std::vector<std::string>& texts, std::string_view option,
                                            std::string_view target) {
  std::vector<Binding> bindings;
  for (const auto& text : texts) {
    TV_TRY(const auto binding, parse_binding(text, option, target));
    if (std::ranges::find(bindings, binding.variable, &Binding::variable) != bindings.end())
      return Error(Errc::invalid_argument, fmt::format("{} names one {} twice", option, target));
    bindings.push_back(binding);
  }
  return bindings;
}

}  // namespace tokenvault::cli
