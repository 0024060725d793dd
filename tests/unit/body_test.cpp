// What the vectors cannot show of bodies, blobs and headers: a look-up that skips most of a body, and the
// checks that stand behind another one.
#include "format/node.hpp"
#include "support/vault_fixture.hpp"

namespace tokenvault::test {
namespace {

format::Entry entry(std::string name, bool destroyed = false) {
  format::Entry made;
  made.name = std::move(name);
  made.last = 1;
  made.destroyed = destroyed;
  made.set_field(format::FieldTag::label, as_bytes("label"));
  if (!destroyed) made.versions.push_back({.number = 1, .created = 1, .expires = 0, .record = {}});
  return made;
}

Bytes leaf() {
  format::Body body;
  body.entries = {entry("a"), entry("b"), entry("c", true)};
  return encode_body(body);
}

Bytes branch() {
  format::Body body;
  body.branch = true;
  body.children[3] = body.children[9] = format::Child{};
  return encode_body(body);
}

Errc code_of_find(BytesView encoded, std::string_view name, std::uint8_t digit) {
  const auto found = format::find_in_body(encoded, name, digit);
  return found ? Errc::not_found : found.error().code();
}

TEST_CASE("a body cut anywhere is refused, also by a look-up that reads up to the cut") {
  for (const auto& [whole, digit] :
       {std::pair(leaf(), std::uint8_t{0}), std::pair(branch(), std::uint8_t{9})}) {
    REQUIRE(format::decode_body(whole));
    REQUIRE(format::find_in_body(whole, "c", digit));
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(size);
      const auto cut = BytesView(whole).first(size);
      CHECK(code_of(format::decode_body(cut)) == Errc::tampered);
      CHECK(code_of_find(cut, "c", digit) == Errc::tampered);
    }
  }
}

TEST_CASE("a look-up refuses a body of an unknown kind, bytes after it, and names out of order") {
  auto bytes = leaf();
  bytes.front() = std::byte{2};
  CHECK(code_of_find(bytes, "a", 0) == Errc::tampered);
  bytes = leaf();
  bytes.push_back(std::byte{0});
  CHECK(code_of_find(bytes, "d", 0) == Errc::tampered);
  format::Body body;
  body.entries = {entry("b"), entry("a"), entry("c")};
  CHECK(code_of_find(encode_body(body), "c", 0) == Errc::tampered);
}

TEST_CASE("a record of a size that none has is tampered, and not for want of memory") {
  constexpr std::size_t kLeast = 64 + 16, kMost = kMaxSecretSize + 64 + 16;
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{16}, kLeast - 1, kLeast + 1, kMost + 1, kMost + 64, kMaxBlobSize}) {
    CAPTURE(size);
    const Bytes sealed(size), id(24);
    CHECK(code_of(format::open_record(secret(std::string(32, 'k')), {}, {"a", 1, 1}, id, sealed)) ==
          Errc::tampered);
  }
}

TEST_CASE("a blob over the limit is refused though its digest is right") {
  for (const std::size_t more : {0U, 1U}) {
    const Bytes blob(kMaxBlobSize + more);
    const format::Pointer pointer{.id = {}, .epoch = 1, .digest = crypto::digest("", blob)};
    const auto checked = format::check_digest(pointer, blob);
    if (more == 0)
      CHECK(checked.has_value());
    else
      CHECK(code_of(checked) == Errc::tampered);
  }
}

}  // namespace
}  // namespace tokenvault::test
