// What somebody answers in etcd's place: the first byte says as what it is read. Errors of a gateway are quoted to
// people; ranges and outcomes decide what a vault is.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "etcd/address.hpp"
#include "etcd/base64.hpp"
#include "etcd/keys.hpp"
#include "etcd/leftovers.hpp"
#include "etcd/reply.hpp"
#include "etcd/swap.hpp"
#include "target.hpp"

using namespace tokenvault;
using namespace tokenvault::fuzz;
using namespace tokenvault::etcd;

namespace {

void check_key_value(const KeyValue& each) {
  must(!each.key.empty(), "a pair has a key");
  const Keys keys("/acme/");
  if (const auto id = keys.blob_of(each.key)) must(keys.blob(*id) == each.key, "a blob has one key");
  if (const auto revision = revision_of(each.value)) must(*revision != Revision::absent, "a revision is one");
  if (const auto ids = decode_ids(each.value))
    must(encode_ids(*ids) == each.value, "a list has one encoding");
}

void check_range(const Range& range) { std::ranges::for_each(range.found, check_key_value); }

void check_range_text(std::string_view text) {
  const auto document = parse_json(text);
  if (!document) return;
  const auto range = parse_range(*document);
  if (!range) return;
  must(range->revision > 0, "an answer says when it was true");
  check_range(*range);
}

void check_outcome(std::string_view text) {
  const auto document = parse_json(text);
  if (!document) return;
  static_cast<void>(cluster_of(*document));
  const auto outcome = parse_outcome(*document);
  if (!outcome) return;
  must(outcome->revision > 0, "an outcome says when it was");
  must(!outcome->succeeded || document->value("succeeded", false), "nothing succeeds that was not said to");
  std::ranges::for_each(outcome->reads, check_range);
}

void check_fault(std::string_view text) {
  const auto fault = parse_fault(text);
  must(fault.code >= 0 && fault.code < 100, "a code is one of gRPC's, or above");
  must(fault.message.size() <= 200 &&
           std::ranges::all_of(fault.message, [](char c) { return c >= ' ' && c <= '~'; }),
       "what is quoted is one short line");
}

void check_base64(std::string_view text) {
  const auto bytes = decode_base64(text);
  if (!bytes) return;
  std::string again;
  append_base64(again, *bytes);
  must(again == text, "bytes have one text");
}

void check_address(std::string_view text) {
  const auto address = parse_address(text);
  if (!address) return check_error(address.error(), {Errc::invalid_argument});
  must(!address->endpoints.empty() && address->endpoints.size() <= 16, "1 to 16 servers");
  for (const auto& endpoint : address->endpoints)
    must(endpoint.find_first_of("@?#\r\n ") == std::string::npos, "a server is host and port");
  must(address->prefix.starts_with('/') && address->prefix.ends_with('/'), "a prefix is a folder");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto text = text_of(data + 1, size - 1);
  switch (data[0] % 5) {
    case 0: check_range_text(text); break;
    case 1: check_outcome(text); break;
    case 2: check_fault(text); break;
    case 3: check_base64(text); break;
    default: check_address(text);
  }
  return 0;
}
