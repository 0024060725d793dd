#include "choice.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>

#include "../descriptor.hpp"
#include "../failure.hpp"
#include "../secret_input.hpp"
#include "../try.hpp"
#include "tokenvault/name.hpp"

namespace tokenvault::cli {
namespace {

constexpr std::size_t kLongestFile = 64 * 1024;

Status check_options(const HelperFlags& flags) {
  if (!flags.user.empty() && !flags.name && flags.targets.empty())
    return Error(Errc::invalid_argument, "--user goes with --name or --for");
  if (!flags.user.empty() && !is_user(flags.user))
    return Error(Errc::invalid_argument, "--user has a character that no user's name can have");
  return Ok{};
}

Result<std::vector<Mapping>> from_options(const HelperFlags& flags) {
  std::vector<Mapping> mappings;
  if (flags.name) {
    TV_CHECK(check_name(*flags.name));
    mappings.push_back({std::nullopt, *flags.name, flags.user});
  }
  for (const auto& option : flags.targets) {
    TV_TRY(auto mapping, parse_mapping(option));
    mapping.user = flags.user;
    mappings.push_back(std::move(mapping));
  }
  return mappings;
}

Result<std::string> read_text(int fd, const std::string& path) {
  std::string text(kLongestFile + 1, '\0');
  std::size_t size = 0;
  for (;;) {
    const auto got = ::read(fd, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("read " + path);
    size += static_cast<std::size_t>(got);
    if (size > kLongestFile) return Error(Errc::refused, path + " is longer than 64 KiB");
    if (got == 0) break;
  }
  text.resize(size);
  return text;
}

/// Unlike a key, it may be a symbolic link: people keep such files elsewhere. It says where tokens go, though.
Result<std::vector<Mapping>> from_file(const std::string& path, bool may_be_absent, std::string_view helper) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file && errno == ENOENT && may_be_absent) return std::vector<Mapping>();
  if (!file && errno == ENOENT) return Error(Errc::no_key, "there is no file " + path);
  if (!file) return system_error("open " + path);
  TV_CHECK(check_own_file(file.get(), "the helpers' file " + path));
  TV_TRY(const auto text, read_text(file.get(), path));
  return parse_mappings(text, helper);
}

}  // namespace

Result<std::vector<Mapping>> mappings_of(const Session& session, std::string_view helper) {
  const auto& flags = session.request.helper;
  TV_CHECK(check_options(flags));
  if (flags.name || !flags.targets.empty()) return from_options(flags);
  const auto& path = session.settings.helpers;
  if (path.empty()) return std::vector<Mapping>();
  return from_file(path, session.settings.default_helpers, helper);
}

}  // namespace tokenvault::cli
