#include "variable_store.hpp"

#include <fmt/format.h>

#include "json.hpp"
#include "output.hpp"
#include "try.hpp"

namespace tokenvault::cli {

Result<std::unique_ptr<Store>> VariableStore::make(std::string_view variable, std::string_view event,
                                                   bool json) {
  if (variable.empty() || variable.find('=') != std::string_view::npos)
    return Error(Errc::invalid_argument, "env: needs the name of a variable after the colon");
  TV_TRY(auto memory, open_memory_store());
  return std::unique_ptr<Store>(new VariableStore(std::move(memory), variable, event, json));
}

Result<Revision> VariableStore::commit(const Commit& commit) {
  constexpr std::size_t kLongest = 128 * 1024;  // MAX_ARG_STRLEN, the NUL included
  TV_TRY(const auto revision, memory_->commit(commit));
  TV_TRY(const auto value, encode_env_value(*memory_));
  const auto size = variable_.size() + 1 + value.size() + 1;
  if (size > kLongest)
    return Error(Errc::refused,
                 fmt::format("the vault takes {} bytes as a variable, and {} are the limit", size, kLongest));
  TV_CHECK(print(json_ ? json_variable(event_, variable_, value) : fmt::format("{}={}\n", variable_, value)));
  return revision;
}

}  // namespace tokenvault::cli
