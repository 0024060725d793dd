#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokenvault/store.hpp"

namespace tokenvault::etcd {

/// What etcd answers. Its JSON leaves out what is zero, false or empty, and has 64-bit numbers as strings.
struct KeyValue {
  std::string key;
  Bytes value;
  std::uint64_t mod_revision = 0;
};

struct Range {
  std::vector<KeyValue> found;
  std::uint64_t revision = 0;  ///< of the whole of etcd, when it was read
  bool more = false;
};

struct Outcome {
  bool succeeded = false;
  std::uint64_t revision = 0;
  std::vector<Range> reads;  ///< of the branch that was taken; its other operations are empty ones
};

/// An answer that is no success.
struct Fault {
  int code = 0;  ///< gRPC's
  std::string message;
};

/// Nothing where `text` is not JSON, or is nested deeper than anything that etcd sends.
std::optional<nlohmann::json> parse_json(std::string_view text);

/// Nothing where the document is not what etcd sends.
std::optional<KeyValue> parse_key_value(const nlohmann::json& document);
std::optional<Range> parse_range(const nlohmann::json& document);
std::optional<Outcome> parse_outcome(const nlohmann::json& document);
Fault parse_fault(std::string_view text);

/// The member `name`, or "" where it is absent or no text.
std::string text_of(const nlohmann::json& document, const char* name);
/// The member `name`: 0 where it is absent, nothing where it is no number.
std::optional<std::uint64_t> number_of(const nlohmann::json& document, const char* name);
/// 0 where the document does not say.
std::uint64_t cluster_of(const nlohmann::json& document);

}  // namespace tokenvault::etcd
