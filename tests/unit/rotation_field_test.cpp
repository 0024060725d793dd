// The policy and rotation fields of docs/format.md 4.1 and 4.2, byte for byte.
#include <doctest/doctest.h>

#include "core/hex.hpp"
#include "format/rotation.hpp"
#include "support/vault_fixture.hpp"

namespace tokenvault::test {
namespace {

/// Written by hand from the page.
constexpr std::string_view kPolicyHex =
    "01"
    "0500"
    "68756d616e"  // human
    "100e000000000000"
    "3c00000000000000"
    "8051010000000000"
    "1e00000000000000"
    "0400"
    "61636d65"  // acme
    "01"
    "0300"
    "75726c"
    "0100"
    "2f"  // url /
    "01"
    "0500"
    "61646d696e"
    "0100"
    "61";  // admin a

constexpr std::string_view kRotationHex =
    "01"
    "07"
    "03"
    "00000000000000000000000000000001"
    "02000000"
    "03000000"
    "0400000000000000"
    "0500000000000000"
    "0600000000000000"
    "0700"
    "01"
    "02020202020202020202020202020202"
    "0800000000000000"
    "0900000000000000"
    "0a00000000000000"
    "03030303030303030303030303030303"
    "0b00000000000000"
    "0c000000"
    "0d00000000000000"
    "04"
    "61636d65"
    "02"
    "6869"
    "01"
    "03000000"
    "02"
    "6964"
    "01"
    "00000000"
    "01"
    "0e00000000000000"
    "01"
    "78";

Policy policy() {
  Policy made;
  made.provider = "human";
  made.rotate_after = std::chrono::hours(1);
  made.grace = std::chrono::minutes(1);
  made.lifetime = std::chrono::hours(24);
  made.owner = "acme";
  made.settings = {{"url", "/"}};
  made.secrets = {{"admin", "a"}};
  return made;
}

format::Rotation rotation() {
  format::Rotation made;
  made.phase = Phase::uncertain;
  made.asks = made.overridden = true;
  made.id[15] = std::byte{1};
  made.old_version = 2;
  made.new_version = 3;
  made.started = 4;
  made.changed = 5;
  made.next_try = 6;
  made.attempts = 7;
  made.rejections = 1;
  made.span.boot.fill(std::byte{2});
  made.span.uptime = 8;
  made.span.wall = 9;
  made.span.length = 10;
  made.holder.run.fill(std::byte{3});
  made.holder.pid_space = 11;
  made.holder.pid = 12;
  made.holder.started = 13;
  made.owner = "acme";
  made.note = "hi";
  made.made = {{3, "id"}};
  made.obligations = {{0, Time(std::chrono::seconds(14)), "x", true}};
  return made;
}

Bytes from_hex(std::string_view text) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes.push_back(static_cast<std::byte>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  return bytes;
}

/// Whatever is read is either refused or written again as it was.
template <typename Decode, typename Encode>
void check_every_change(const Bytes& sound, const Decode& decode, const Encode& encode) {
  int refused = 0;
  for (std::size_t size = 1; size < sound.size(); ++size) CHECK_FALSE(decode(BytesView(sound).first(size)));
  for (std::size_t at = 0; at < sound.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      auto changed = sound;
      changed[at] ^= static_cast<std::byte>(1U << static_cast<unsigned>(bit));
      const auto read = decode(changed);
      if (!read)
        ++refused;
      else
        CHECK(encode(*read) == changed);
    }
  CHECK(refused > 0);
}

TEST_CASE("a policy is written as the page says, and read back") {
  const auto golden = from_hex(kPolicyHex);
  CHECK(format::encode_policy(policy()) == golden);
  const auto read = format::decode_policy(golden);
  REQUIRE(read);
  CHECK(format::encode_policy(*read) == golden);
  CHECK(read->settings.at("url") == "/");
  check_every_change(golden, format::decode_policy, format::encode_policy);
}

TEST_CASE("a rotation is written as the page says, and read back") {
  const auto golden = from_hex(kRotationHex);
  CHECK(format::encode_rotation(rotation()) == golden);
  const auto read = format::decode_rotation(golden);
  REQUIRE(read);
  CHECK(format::encode_rotation(*read) == golden);
  CHECK(read->obligations.at(0).id == "x");
  check_every_change(golden, format::decode_rotation, format::encode_rotation);
}

TEST_CASE("fields of a newer program are told from broken ones") {
  auto newer = from_hex(kRotationHex);
  newer[0] = std::byte{2};
  CHECK(code_of(format::decode_rotation(newer)) == Errc::unsupported);
  newer = from_hex(kPolicyHex);
  newer[0] = std::byte{2};
  CHECK(code_of(format::decode_policy(newer)) == Errc::unsupported);
}

TEST_CASE("a rotation's id has 22 digits that keep its order") {
  format::Id16 id{};
  CHECK(format::id_text(id) == std::string(22, '0'));
  id[15] = std::byte{61};
  CHECK(format::id_text(id) == std::string(21, '0') + "z");
  id.fill(std::byte{0xFF});
  CHECK(format::id_text(id) == "7n42DGM5Tflk9n8mt7Fhc7");
}

}  // namespace
}  // namespace tokenvault::test
