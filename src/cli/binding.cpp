#include "binding.hpp"

#include <algorithm>

#include "tokenvault/name.hpp"
#include "try.hpp"

namespace tokenvault::cli {
namespace {

Result<Binding> parse_binding(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == 0 || equals == std::string_view::npos)
    return Error(Errc::invalid_argument, "--env takes VARIABLE=NAME");
  const Binding binding{text.substr(0, equals), text.substr(equals + 1)};
  TV_CHECK(check_name(binding.name));
  return binding;
}

}  // namespace

Result<std::vector<Binding>> parse_bindings(const std::vector<std::string>& texts) {
  std::vector<Binding> bindings;
  for (const auto& text : texts) {
    TV_TRY(const auto binding, parse_binding(text));
    if (std::ranges::find(bindings, binding.variable, &Binding::variable) != bindings.end())
      return Error(Errc::invalid_argument, "--env names one variable twice");
    bindings.push_back(binding);
  }
  return bindings;
}

}  // namespace tokenvault::cli
