#include "core/bytes.hpp"

#include <doctest/doctest.h>

#include "core/hex.hpp"
#include "tokenvault/store.hpp"

namespace tokenvault {
namespace {

TEST_CASE("integers are little-endian and come back") {
  Writer out;
  out.u8(1);
  out.u16(0x0302);
  out.u32(0x07060504);
  out.u64(0x0f0e0d0c0b0a0908);
  CHECK(to_hex(out.view()) == "0102030405060708090a0b0c0d0e0f");
  Reader in(out.view());
  CHECK(in.u8() == 1);
  CHECK(in.u16() == 0x0302);
  CHECK(in.u32() == 0x07060504);
  CHECK(in.u64() == 0x0f0e0d0c0b0a0908);
  CHECK(in.done());
}

TEST_CASE("a short read fails for good and gives zeros") {
  const Bytes bytes(3, std::byte{0xff});
  Reader in(bytes);
  CHECK(in.u32() == 0);
  CHECK(in.failed());
  CHECK(in.u8() == 0);
  CHECK_FALSE(in.done());
}

TEST_CASE("padding comes off exactly as it was put on") {
  for (std::size_t size = 0; size <= 130; ++size) {
    Writer out;
    const Bytes bytes(size, std::byte{7});
    out.raw(bytes);
    out.pad(64);
    CHECK(out.size() % 64 == 0);
    CHECK(out.size() > size);
    const auto back = unpad(out.view(), 64);
    REQUIRE(back.ok);
    CHECK(back.bytes.size() == size);
  }
}

TEST_CASE("padding of any other shape is refused") {
  Bytes bytes(128, std::byte{0});
  CHECK_FALSE(unpad(bytes, 64).ok);  // no mark
  bytes[63] = std::byte{0x80};
  CHECK_FALSE(unpad(bytes, 64).ok);  // a whole block of zeros behind it
  bytes[64] = std::byte{0x80};
  CHECK(unpad(bytes, 64).ok);
  bytes[127] = std::byte{1};
  CHECK_FALSE(unpad(bytes, 64).ok);  // the last byte that is not zero is no mark
  CHECK_FALSE(unpad(BytesView(bytes).first(65), 64).ok);
  CHECK_FALSE(unpad({}, 64).ok);
}

TEST_CASE("hex reads its own writing and nothing else") {
  const Bytes bytes{std::byte{0}, std::byte{0x7f}, std::byte{0xff}};
  CHECK(to_hex(bytes) == "007fff");
  std::array<std::byte, 3> back{};
  CHECK(from_hex("007fFF", back));
  CHECK(to_hex(back) == "007fff");
  for (const char* bad : {"", "007ff", "007fff0", "007fg0", "+17fff", " 07fff", "0x7fff"})
    CHECK_FALSE(from_hex(bad, back));
}

}  // namespace
}  // namespace tokenvault
