#include "etcd/transaction.hpp"

#include <fmt/format.h>

#include "core/bytes.hpp"
#include "core/mutant.hpp"
#include "etcd/base64.hpp"

namespace tokenvault::etcd {
namespace {

void append_key(std::string& out, std::string_view name, std::string_view key) {
  out.append("\"").append(name).append("\":\"");
  append_base64(out, as_bytes(key));
  out.append("\"");
}

void begin(std::string& list) { list.append(list.empty() ? "" : ","); }

/// An operation on one key, up to what else it says.
void begin(std::string& list, std::string_view operation, std::string_view key) {
  begin(list);
  list.append("{\"").append(operation).append("\":{");
  append_key(list, "key", key);
}

}  // namespace

std::string& Transaction::condition(std::string_view key, std::string_view target) {
  begin(conditions_);
  conditions_.append("{");
  append_key(conditions_, "key", key);
  return conditions_.append(",\"target\":\"").append(target).append("\",\"result\":");
}

Transaction& Transaction::if_absent(std::string_view key) {
  condition(key, "CREATE")
      .append(mutated("etcd.absent") ? "\"LESS\",\"create_revision\":\"9223372036854775807\"}"
                                     : "\"EQUAL\",\"create_revision\":\"0\"}");
  return *this;
}

Transaction& Transaction::if_present(std::string_view key) {
  condition(key, "CREATE").append("\"GREATER\",\"create_revision\":\"0\"}");
  return *this;
}

Transaction& Transaction::if_value(std::string_view key, BytesView value) {
  if (mutated("etcd.swap")) return if_present(key);
  auto& out = condition(key, "VALUE").append("\"EQUAL\",\"value\":\"");
  append_base64(out, value);
  out.append("\"}");
  return *this;
}

Transaction& Transaction::if_modified_at(std::string_view key, std::uint64_t revision) {
  condition(key, "MOD").append(fmt::format("\"EQUAL\",\"mod_revision\":\"{}\"}}", revision));
  return *this;
}

Transaction& Transaction::if_modified_before(std::string_view key, std::uint64_t revision) {
  condition(key, "MOD").append(fmt::format("\"LESS\",\"mod_revision\":\"{}\"}}", revision));
  return *this;
}

Transaction& Transaction::put(std::string_view key, BytesView value, std::uint64_t lease) {
  begin(changes_, "request_put", key);
  changes_.append(",\"value\":\"");
  append_base64(changes_, value);
  changes_.append("\"");
  if (lease != 0) changes_.append(fmt::format(",\"lease\":\"{}\"", lease));
  changes_.append("}}");
  return *this;
}

Transaction& Transaction::erase(std::string_view key) {
  begin(changes_, "request_delete_range", key);
  changes_.append("}}");
  return *this;
}

Transaction& Transaction::erase_range(std::string_view from, std::string_view end) {
  begin(changes_, "request_delete_range", from);
  changes_.append(",");
  append_key(changes_, "range_end", end);
  changes_.append("}}");
  return *this;
}

Transaction& Transaction::else_look(std::string_view key) {
  begin(reads_, "request_range", key);
  reads_.append(",\"keys_only\":true}}");
  return *this;
}

Transaction& Transaction::else_read(std::string_view key) {
  begin(reads_, "request_range", key);
  reads_.append("}}");
  return *this;
}

std::string Transaction::body() const {
  std::string body;
  body.reserve(conditions_.size() + changes_.size() + reads_.size() + 64);
  body.append("{\"compare\":[").append(conditions_).append("],\"success\":[").append(changes_);
  return body.append("],\"failure\":[").append(reads_).append("]}");
}

std::string RangeQuery::body() const {
  std::string body = "{";
  append_key(body, "key", from);
  if (!end.empty()) {
    body.append(",");
    append_key(body, "range_end", end);
  }
  if (limit != 0) body.append(fmt::format(",\"limit\":\"{}\"", limit));
  if (revision != 0) body.append(fmt::format(",\"revision\":\"{}\"", revision));
  return body.append(keys_only ? ",\"keys_only\":true}" : "}");
}

}  // namespace tokenvault::etcd
