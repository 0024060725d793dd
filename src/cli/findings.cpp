#include "findings.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>

#include "etcd_address.hpp"
#include "failure.hpp"
#include "output.hpp"
#include "rotation/rotation_text.hpp"

namespace tokenvault::cli {
namespace {

constexpr auto kSoon = std::chrono::days(14);
constexpr std::uint32_t kLowMemoryKib = 64 * 1024;

std::string system_text() {
  struct utsname system {};
  if (::uname(&system) != 0) return "unknown";
  return fmt::format("{} {} {}", system.sysname, system.release, system.machine);
}

std::string names_of(const std::vector<const TokenInfo*>& tokens, bool names) {
  if (!names || tokens.empty()) return {};
  std::string text = ":";
  for (const auto* token : tokens) text += ' ' + token->name;
  return text;
}

template <typename Wanted>
std::vector<const TokenInfo*> those(const std::vector<TokenInfo>& tokens, const Wanted& wanted) {
  std::vector<const TokenInfo*> found;
  for (const auto& token : tokens)
    if (wanted(token)) found.push_back(&token);
  return found;
}

std::ptrdiff_t count(const VaultInfo& vault, SlotKind kind) {
  return std::ranges::count(vault.slots, kind, &SlotInfo::kind);
}

}  // namespace

std::string_view to_string(Finding::Level level) noexcept {
  switch (level) {
    case Finding::Level::good: return "ok";
    case Finding::Level::notice: return "notice";
    case Finding::Level::problem: return "problem";
  }
  return "unknown";
}

Findings::Findings(const std::string& uri) {
  good("program", "tokenvault " TOKENVAULT_VERSION " on " + system_text());
  good("place", uri.empty() ? "not known" : uri);
}

void Findings::good(std::string subject, std::string what) {
  findings_.push_back({Finding::Level::good, std::move(subject), std::move(what), {}});
}

void Findings::notice(std::string subject, std::string what, std::string advice) {
  findings_.push_back({Finding::Level::notice, std::move(subject), std::move(what), std::move(advice)});
}

void Findings::problem(std::string subject, std::string what, std::string advice) {
  findings_.push_back({Finding::Level::problem, std::move(subject), std::move(what), std::move(advice)});
}

void Findings::of_key_source(const UnlockSource& source, const Settings& settings) {
  const bool asks = source.kind == UnlockSource::Kind::passphrase_prompt ||
                    source.kind == UnlockSource::Kind::recovery_prompt;
  if (asks && settings.no_input)
    return problem("key source", "none is there, and asking is forbidden",
                   "name one with --key-file, or see `tokenvault status`");
  good("key source", std::string(source.name));
}

void Findings::of_kept_key(const KeptLook& kept) {
  if (kept.stale)
    notice("kernel keyring", kept.state,
           "`tokenvault lock` takes it away; `tokenvault unlock` puts a new one");
  else if (kept.found)
    good("kernel keyring", "the vault is unlocked " + kept.state);
}

void Findings::of_etcd(const Settings& settings) {
  const auto endpoints = endpoints_of(settings.vault_uri);
  if (endpoints.empty()) return;
  const auto& given = settings.etcd;
  good("etcd", fmt::format("{} endpoint(s), {}, {}", endpoints.size(),
                           given.user.empty() ? "no user" : "the user " + given.user,
                           given.cert_file.empty() ? "no client certificate" : "a client certificate"));
  for (const auto& endpoint : endpoints)
    if (is_exposed(endpoint))
      notice(
          "etcd",
          fmt::format("{} is asked without TLS: all is sealed, but whoever is in between can drop and replay "
                      "it{}",
                      endpoint, given.user.empty() ? "" : ", and reads the password"),
          "have etcd serve https, and name who vouches for it with --etcd-ca-file");
}

void Findings::of_anchors(const Settings& settings) {
  if (settings.anchors.empty())
    return notice("anchors", "none: HOME is not set",
                  "set HOME or XDG_STATE_HOME, so that an older copy is noticed");
  good("anchors", settings.anchors);
}

void Findings::of_memory(const Protection& state) {
  const auto limit = state.lock_limit == SIZE_MAX ? "unlimited" : fmt::format("{} bytes", state.lock_limit);
  const auto text =
      fmt::format("{}, {} bytes locked, {} unprotected, limit {}, {}", to_string(state.backing),
                  state.locked_bytes, state.plain_bytes, limit, state.hardened ? "not dumpable" : "dumpable");
  if (state.plain_bytes == 0 && state.hardened) return good("memory", text);
  notice("memory", text, "raise `ulimit -l` to 128 or more, so that keys stay out of swap and core files");
}

void Findings::of_vault(const VaultInfo& vault) {
  const auto& can = vault.capabilities;
  const auto text = fmt::format(
      "id {}, generation {}, epoch {}, {} tokens, {}, {}", hex(vault.vault_id), vault.generation, vault.epoch,
      vault.tokens, can.durable ? "durable" : "volatile", can.writable ? "writable" : "read-only");
  if (!vault.encrypted_at_rest)
    return problem("vault", text + ", not encrypted at rest",
                   "seal it: `tokenvault init` elsewhere, `put` the values, `migrate --to env:VARIABLE`");
  good("vault", text);
  if (!vault.anchor_fault.empty())
    notice("anchors", vault.anchor_fault, "make the file writable, so that an older copy is noticed");
}

void Findings::of_slots(const VaultInfo& vault) {
  if (!vault.encrypted_at_rest) return;
  good("slots", fmt::format("{} raw-key, {} passphrase, {} recipient, {} recovery",
                            count(vault, SlotKind::raw_key), count(vault, SlotKind::passphrase),
                            count(vault, SlotKind::recipient), count(vault, SlotKind::recovery)));
  if (vault.slots.size() == 1)
    notice("slots", "one key opens the vault, and nothing else does",
           "add another with `tokenvault key add --recovery`");
  else if (count(vault, SlotKind::recovery) == 0)
    notice("slots", "there is no recovery code", "make one with `tokenvault key add --recovery`");
  for (const auto& slot : vault.slots)
    if (slot.cost && slot.cost->memory_kib < kLowMemoryKib)
      notice("slots", fmt::format("slot {} spends little memory on a guess", hex(slot.id)),
             "replace it with `tokenvault key add --new-passphrase`");
}

void Findings::of_tokens(const std::vector<TokenInfo>& tokens, Time now, bool names) {
  const auto expired =
      those(tokens, [&](const auto& token) { return token.expires && *token.expires <= now; });
  const auto soon = those(tokens, [&](const auto& token) {
    return token.expires && *token.expires > now && *token.expires <= now + kSoon;
  });
  const auto suspect = those(tokens, [](const auto& token) { return token.suspect.has_value(); });
  if (!expired.empty())
    problem("tokens", fmt::format("{} expired{}", expired.size(), names_of(expired, names)),
            "store new values with `tokenvault put`");
  if (!soon.empty())
    notice("tokens", fmt::format("{} expire within 14 days{}", soon.size(), names_of(soon, names)),
           "see `tokenvault expiring --within 14d`");
  if (!suspect.empty())
    problem("tokens",
            fmt::format("{} were rejected by whom they are for{}", suspect.size(), names_of(suspect, names)),
            "look at them with `tokenvault show NAME`, then store a value that works");
  if (expired.empty() && soon.empty() && suspect.empty()) good("tokens", "none expired, none suspect");
}

void Findings::of_rotations(const std::vector<RotationInfo>& rotations, bool names) {
  const auto counts = cli::count(rotations);
  auto text = to_text(counts);
  if (names)
    for (const auto& rotation : rotations) text += "; " + line_of(rotation);
  if (rotations.empty()) return good("rotations", text);
  if (counts.asking > 0) return problem("rotations", text, "do what each of them waits for");
  notice("rotations", text, "have a timer run `tokenvault rotate due`");
}

void Findings::of_contents(const VerifyReport& report) {
  const auto text = fmt::format("{} tokens, {} nodes, {} records, {} orphans, {} faults", report.tokens,
                                report.nodes, report.records, report.orphans, report.faults.size());
  if (report.faults.empty()) return good("contents", text);
  problem("contents", text, "keep the store as it is; `tokenvault verify` names each fault");
}

void Findings::of_failure(const Error& error) {
  problem("vault", fmt::format("{}: {}", to_string(error.code()), error.message()),
          std::string(hint_of(error.code())));
}

std::string Findings::page() const {
  std::vector<std::vector<std::string>> rows;
  for (const auto& finding : findings_)
    rows.push_back(
        {std::string(to_string(finding.level)), finding.subject,
         finding.advice.empty() ? finding.what : fmt::format("{} -> {}", finding.what, finding.advice)});
  return table(rows);
}

}  // namespace tokenvault::cli
