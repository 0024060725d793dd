#include "etcd/reply.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "core/bytes.hpp"
#include "core/json_depth.hpp"
#include "core/mutant.hpp"
#include "etcd/base64.hpp"

namespace tokenvault::etcd {
namespace {

using nlohmann::json;

constexpr int kDeepest = 16;

const json* member(const json& document, const char* name) {
  if (!document.is_object()) return nullptr;
  const auto found = document.find(name);
  return found == document.end() ? nullptr : &*found;
}

std::optional<Bytes> bytes_of(const json& document, const char* name) {
  const auto* found = member(document, name);
  if (found == nullptr) return Bytes();
  if (!found->is_string()) return std::nullopt;
  return decode_base64(found->get_ref<const std::string&>());
}

std::optional<bool> flag_of(const json& document, const char* name) {
  const auto* found = member(document, name);
  if (found == nullptr) return false;
  if (!found->is_boolean()) return std::nullopt;
  return found->get<bool>();
}

/// Every answer of etcd has one: "{}" from somebody between would else say that nothing is there.
std::optional<std::uint64_t> revision_of(const json& document) {
  const auto* header = member(document, "header");
  const auto revision = header == nullptr ? std::nullopt : number_of(*header, "revision");
  return mutated("etcd.header")         ? std::optional<std::uint64_t>(1)
         : revision == std::uint64_t{0} ? std::nullopt
                                        : revision;
}

}  // namespace

std::optional<json> parse_json(std::string_view text) {
  if (!mutated("etcd.depth") && !is_shallow(text, kDeepest)) return std::nullopt;
  auto document = json::parse(text, nullptr, false);
  if (document.is_discarded() || !document.is_object()) return std::nullopt;
  return document;
}

std::string text_of(const json& document, const char* name) {
  const auto* found = member(document, name);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<std::uint64_t> number_of(const json& document, const char* name) {
  const auto* found = member(document, name);
  if (found == nullptr) return 0;
  if (found->is_number_unsigned()) return found->get<std::uint64_t>();
  if (!found->is_string()) return std::nullopt;
  const auto& text = found->get_ref<const std::string&>();
  std::uint64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::uint64_t cluster_of(const json& document) {
  const auto* header = member(document, "header");
  return header == nullptr ? 0 : number_of(*header, "cluster_id").value_or(0);
}

std::optional<KeyValue> parse_key_value(const json& document) {
  const auto key = bytes_of(document, "key");
  auto value = bytes_of(document, "value");
  const auto modified = number_of(document, "mod_revision");
  if (!key || key->empty() || !value || !modified) return std::nullopt;
  return KeyValue{std::string(as_text(*key)), *std::move(value), *modified};
}

std::optional<Range> parse_range(const json& document) {
  const auto revision = revision_of(document);
  const auto more = flag_of(document, "more");
  if (!revision || !more) return std::nullopt;
  Range range{{}, *revision, *more};
  const auto* found = member(document, "kvs");
  if (found == nullptr) return range;
  if (!found->is_array()) return std::nullopt;
  for (const auto& each : *found) {
    auto parsed = parse_key_value(each);
    if (!parsed) return std::nullopt;
    range.found.push_back(*std::move(parsed));
  }
  return range;
}

std::optional<Outcome> parse_outcome(const json& document) {
  const auto revision = revision_of(document);
  const auto succeeded = flag_of(document, "succeeded");
  if (!revision || !succeeded) return std::nullopt;
  Outcome outcome{*succeeded, *revision, {}};
  const auto* responses = member(document, "responses");
  if (responses == nullptr) return outcome;
  if (!responses->is_array()) return std::nullopt;
  for (const auto& each : *responses) {
    const auto* read = member(each, "response_range");
    auto range = read == nullptr ? std::optional(Range()) : parse_range(*read);
    if (!range) return std::nullopt;
    outcome.reads.push_back(*std::move(range));
  }
  return outcome;
}

/// A message that is quoted to people: one line, not for ever.
Fault parse_fault(std::string_view text) {
  constexpr std::size_t kLongest = 200;
  const auto document = parse_json(text);
  if (!document) return {};
  const auto code = number_of(*document, "code").value_or(0);
  Fault fault{static_cast<int>(std::min<std::uint64_t>(code, 99)), text_of(*document, "message")};
  if (fault.message.empty()) fault.message = text_of(*document, "error");
  fault.message.resize(std::min(fault.message.size(), kLongest));
  std::ranges::replace_if(
      fault.message, [](char c) { return c < ' ' || c > '~'; }, ' ');
  return fault;
}

}  // namespace tokenvault::etcd
