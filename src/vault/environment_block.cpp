#include "vault/environment_block.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <string_view>

#include "core/file.hpp"

namespace tokenvault {
namespace {

constexpr int kEnvStart = 50;
constexpr int kAfterName = 3;  // the number of the first field behind the program's name

/// The fields before the name may not be split: it may hold spaces and parentheses.
std::string_view after_name(std::string_view stat) {
  const auto end = stat.rfind(')');
  return end == std::string_view::npos ? std::string_view{} : stat.substr(end + 1);
}

std::size_t field(std::string_view fields, int number) {
  for (int at = kAfterName; !fields.empty(); ++at) {
    fields.remove_prefix(std::min(fields.find_first_not_of(' '), fields.size()));
    const auto word = fields.substr(0, fields.find(' '));
    fields.remove_prefix(word.size());
    if (at < number) continue;
    std::size_t value = 0;
    std::from_chars(word.data(), word.data() + word.size(), value);
    return value;
  }
  return 0;
}

}  // namespace

EnvironmentBlock EnvironmentBlock::of_process() noexcept {
  const File file(::open("/proc/self/stat", O_RDONLY | O_CLOEXEC));
  char text[4096];
  const auto got = file ? ::read(file.get(), text, sizeof text) : -1;
  if (got <= 0) return {};
  const auto fields = after_name({text, static_cast<std::size_t>(got)});
  return {field(fields, kEnvStart), field(fields, kEnvStart + 1)};
}

bool EnvironmentBlock::holds(const char* text, std::size_t size) const noexcept {
  const auto at = reinterpret_cast<std::uintptr_t>(text);
  return at >= begin && at < end && size <= end - at;
}

}  // namespace tokenvault
