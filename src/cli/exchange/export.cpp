#include <fmt/format.h>
#include <unistd.h>

#include <optional>

#include "../binding.hpp"
#include "../json.hpp"
#include "../output.hpp"
#include "../recovery.hpp"
#include "../try.hpp"
#include "../verbs.hpp"
#include "export_format.hpp"

namespace tokenvault::cli {
namespace {

/// One token to be written, pinned to a version: what was checked is what goes out.
struct Item {
  ExportLine line;
  std::string token;
  std::uint32_t version = 0;
};

Status check_options(const Request& request) {
  const bool picked = !request.environment.empty();
  if (picked && !request.prefix.empty())
    return Error(Errc::invalid_argument, "--env names each token, so that --prefix has no meaning");
  if (request.format == "vault" && (picked || !request.prefix.empty()))
    return Error(Errc::invalid_argument, "--format vault takes the whole vault");
  return Ok{};
}

Status check_reveal(const Request& request) {
  if (request.format == "vault") {
    if (request.output || ::isatty(STDOUT_FILENO) == 0) return Ok{};
    return Error(Errc::refused, "standard output is a terminal: name a file with --output");
  }
  if (request.reveal) return Ok{};
  return Error(Errc::refused, "this would write values in the clear, which takes --reveal");
}

Result<std::vector<Item>> bound_items(const Vault& vault, const std::vector<Binding>& bindings) {
  std::vector<Item> items;
  for (const auto& binding : bindings) {
    TV_TRY(const auto token, vault.info(binding.name));
    items.push_back({{std::string(binding.variable), token.expires}, token.name, token.version});
  }
  return items;
}

Result<std::vector<Item>> listed_items(const Vault& vault, std::string_view prefix) {
  std::vector<Item> items;
  TV_TRY(const auto tokens, vault.list(prefix));
  for (const auto& token : tokens)
    if (token.version != 0) items.push_back({{token.name, token.expires}, token.name, token.version});
  return items;
}

Result<SecretBuffer> value_of(const Vault& vault, const Item& item, bool expired_ok) {
  return vault.get(item.token, {Stage::current, item.version, expired_ok});
}

Status check_item(const Vault& vault, const Item& item, const ExportFormat& format, bool expired_ok) {
  if (!format.carries_name(item.line.name))
    return Error(Errc::refused, fmt::format("{} is no name for {}: give it one with --env VARIABLE={}",
                                            item.line.name, format.name, item.token));
  TV_TRY(const auto value, value_of(vault, item, expired_ok));
  const auto obstacle = format.obstacle(value.expose());
  if (obstacle.empty()) return Ok{};
  return Error(Errc::refused,
               fmt::format("{} cannot carry the value of {}: {}", format.name, item.token, obstacle));
}

Status write_items(const Vault& vault, const std::vector<Item>& items, const ExportFormat& format, int fd) {
  TV_TRY(auto out, SecretOutput::to(fd));
  TV_CHECK(out.put(format.head));
  bool first = true;
  for (const auto& item : items) {
    if (!first) TV_CHECK(out.put(format.between));
    first = false;
    TV_TRY(const auto value, value_of(vault, item, true));
    TV_CHECK(format.write(out, item.line, value.expose()));
  }
  TV_CHECK(out.put(format.tail));
  return out.flush();
}

/// Everything is checked before the first byte is written; gives the number of tokens.
Result<std::uint64_t> export_text(const Vault& vault, const Request& request,
                                  const std::vector<Binding>& bindings, int fd) {
  const auto& format = *find_export_format(request.format);
  TV_TRY(const auto items,
         bindings.empty() ? listed_items(vault, request.prefix) : bound_items(vault, bindings));
  for (const auto& item : items) TV_CHECK(check_item(vault, item, format, request.expired_ok));
  TV_CHECK(write_items(vault, items, format, fd));
  return items.size();
}

Result<std::uint64_t> export_sealed(const Vault& vault, int fd) {
  TV_TRY(const auto memory, open_memory_store());
  TV_TRY(const auto report, vault.backup_to(*memory));
  TV_TRY(const auto bytes, copy_sealed(*memory));
  TV_CHECK(write_all(fd, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
  return report.tokens;
}

Status tell(std::uint64_t tokens, const Session& session) {
  const auto& output = session.request.output;
  // Otherwise stdout has the tokens.
  if (output && session.request.json) return print(json_export(*output, tokens));
  session.notice(fmt::format("exported {} tokens{}", tokens, output ? " to " + *output : ""));
  return Ok{};
}

}  // namespace

Result<int> run_export(const Session& session) {
  const auto& request = session.request;
  TV_CHECK(check_options(request));
  TV_TRY(const auto bindings, parse_bindings(request.environment));
  TV_TRY(auto place, session.place());
  TV_CHECK(check_reveal(request));
  const bool sealed = request.format == "vault";
  if (sealed && place.store == nullptr)
    return Error(Errc::refused, "plain variables hold no vault that could be copied");
  TV_TRY(const auto vault, session.vault(std::move(place)));
  std::optional<NewFile> file;
  if (request.output) {
    TV_TRY(file, NewFile::make(*request.output));
  }
  const int fd = file ? file->descriptor() : STDOUT_FILENO;
  TV_TRY(const auto tokens, sealed ? export_sealed(vault, fd) : export_text(vault, request, bindings, fd));
  if (file) TV_CHECK(file->keep());
  TV_CHECK(tell(tokens, session));
  return 0;
}

}  // namespace tokenvault::cli
