#include <algorithm>

#include "core/mutant.hpp"
#include "core/try.hpp"
#include "core/utf8.hpp"
#include "format/node.hpp"
#include "format/rotation.hpp"
#include "tokenvault/name.hpp"

namespace tokenvault::format {
namespace {

constexpr std::uint8_t kPolicyVersion = 1;

std::uint64_t seconds_of(std::chrono::seconds span) { return static_cast<std::uint64_t>(span.count()); }

void write_text(Writer& out, std::string_view text) {
  out.u16(static_cast<std::uint16_t>(text.size()));
  out.text(text);
}

std::string read_text(Reader& in) { return std::string(as_text(in.take(in.u16()))); }

void write_map(Writer& out, const std::map<std::string, std::string>& map) {
  out.u8(static_cast<std::uint8_t>(map.size()));
  for (const auto& [key, value] : map) {
    write_text(out, key);
    write_text(out, value);
  }
}

std::map<std::string, std::string> read_map(Reader& in) {
  std::map<std::string, std::string> map;
  for (int n = in.u8(); n > 0 && !in.failed(); --n) {
    auto key = read_text(in);
    map.emplace(std::move(key), read_text(in));
  }
  return map;
}

}  // namespace

Bytes encode_policy(const Policy& policy) {
  Writer out;
  out.u8(kPolicyVersion);
  write_text(out, policy.provider);
  for (const auto span : {policy.rotate_after, policy.grace, policy.lifetime, policy.timeout})
    out.u64(seconds_of(span));
  write_text(out, policy.owner);
  write_map(out, policy.settings);
  write_map(out, policy.secrets);
  return out.take();
}

Result<Policy> decode_policy(BytesView bytes) {
  Reader in(bytes);
  if (in.u8() != kPolicyVersion && !mutated("policy.version"))
    return Error(Errc::unsupported, "a newer program than this wrote the policy of a token");
  Policy policy;
  policy.provider = read_text(in);
  for (auto* span : {&policy.rotate_after, &policy.grace, &policy.lifetime, &policy.timeout})
    *span = std::chrono::seconds(static_cast<std::int64_t>(in.u64()));
  policy.owner = read_text(in);
  policy.settings = read_map(in);
  policy.secrets = read_map(in);
  if ((!mutated("policy.end") && !in.done()) || (!mutated("policy.stored") && !check_policy(policy)))
    return Error(Errc::tampered, "a token's policy field is not what a vault writes");
  return policy;
}

Result<std::optional<Policy>> policy_of(const Entry& entry) {
  const auto bytes = entry.field(FieldTag::policy);
  if (bytes.empty()) return std::optional<Policy>();
  TV_TRY(auto policy, decode_policy(bytes));
  return std::optional(std::move(policy));
}

}  // namespace tokenvault::format

namespace tokenvault {
namespace {

constexpr std::chrono::seconds kLongest = std::chrono::years(10);
constexpr std::size_t kMaxProvider = 1024, kMaxKey = 64, kMaxSetting = 2048, kMaxSettings = 32,
                      kMaxSecrets = 8;

Status refused(const char* why) { return Error(Errc::refused, why); }

bool is_word(std::string_view key) {
  return !key.empty() && key.size() <= kMaxKey && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

bool is_span(std::chrono::seconds span) { return span.count() >= 0 && span <= kLongest; }

Status check_maps(const Policy& policy) {
  if (!mutated("policy.settings") && policy.settings.size() > kMaxSettings)
    return refused("a policy has at most 32 settings");
  if (!mutated("policy.secrets") && policy.secrets.size() > kMaxSecrets)
    return refused("a policy names at most 8 secrets");
  for (const auto& [key, value] : policy.settings)
    if (!mutated("policy.setting") && (!is_word(key) || value.size() > kMaxSetting || !is_plain_text(value)))
      return refused("a setting is a word of letters, digits, _ and -, and at most 2,048 bytes of text");
  for (const auto& [key, name] : policy.secrets)
    if (!mutated("policy.secret") &&
        (!is_word(key) || key == "token" || key == "current" || !check_name(name)))
      return refused("a secret is a word, neither token nor current, and the name of a token in this vault");
  return Ok{};
}

}  // namespace

Status check_policy(const Policy& policy) {
  if (!mutated("policy.provider") &&
      (policy.provider.empty() || policy.provider.size() > kMaxProvider || !is_plain_text(policy.provider)))
    return refused("a policy names a provider in 1 to 1,024 bytes of text");
  if (!mutated("policy.spans") &&
      (!is_span(policy.rotate_after) || !is_span(policy.grace) || !is_span(policy.lifetime)))
    return refused("a policy's spans lie between 0 and 10 years");
  if (!mutated("policy.timeout") &&
      (policy.timeout < std::chrono::seconds(1) || policy.timeout > std::chrono::hours(1)))
    return refused("a provider is given 1 second to 1 hour for an answer");
  if (!mutated("policy.lifetime") && policy.lifetime.count() > 0 && policy.rotate_after > policy.lifetime)
    return refused("the token would expire before it is rotated: rotate_after is above lifetime");
  if (!mutated("policy.grace") && policy.rotate_after.count() > 0 && policy.grace > policy.rotate_after)
    return refused("the grace would outlast the token's own age: grace is above rotate_after");
  if (!mutated("policy.owner") && (policy.owner.size() > 255 || !is_plain_text(policy.owner)))
    return refused("an owner is at most 255 bytes of text");
  return check_maps(policy);
}

}  // namespace tokenvault
