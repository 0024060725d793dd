// A sealed value with what it is bound to: name_len u8 | name | epoch u32 | version u32 | id 24 | the record. Key and
// vault are known.
#include "format/record.hpp"

#include <algorithm>
#include <random>

#include "mutation.hpp"
#include "target.hpp"
#include "tokenvault/vault.hpp"
#include "unsealed.hpp"

using namespace tokenvault;
using namespace tokenvault::fuzz;

namespace {

constexpr std::size_t kPad = 64;
constexpr VaultId kVault{};

struct Sealed {
  std::string_view name;
  std::uint32_t epoch = 0, version = 0;
  BytesView id, bytes;

  [[nodiscard]] Bytes ad() const {
    Writer out;
    out.raw(kVault);
    out.u32(epoch);
    out.u32(version);
    out.u8(static_cast<std::uint8_t>(name.size()));
    out.text(name);
    return out.take();
  }
};

std::optional<Sealed> parse(BytesView bytes) {
  Reader in(bytes);
  Sealed sealed;
  sealed.name = as_text(in.take(in.u8()));
  sealed.epoch = in.u32();
  sealed.version = in.u32();
  sealed.id = in.take(crypto::kNonceSize);
  sealed.bytes = in.rest();
  return in.failed() ? std::nullopt : std::optional(sealed);
}

/// The value in a padded plaintext, by docs/format.md section 1 alone.
std::optional<BytesView> value_in(const Bytes& plain) {
  const auto last =
      std::find_if(plain.rbegin(), plain.rend(), [](std::byte byte) { return byte != std::byte{0}; });
  if (plain.size() % kPad != 0 || last == plain.rend() || *last != std::byte{0x80}) return std::nullopt;
  const auto size = static_cast<std::size_t>(plain.rend() - last) - 1;
  if (plain.size() - size > kPad || size == 0 || size > kMaxSecretSize) return std::nullopt;
  return BytesView(plain).first(size);
}

void check_record(const Sealed& sealed, const SecretBuffer& key) {
  const format::RecordPlace place{sealed.name, sealed.epoch, sealed.version};
  const auto plain = open(known_key_bytes(), sealed.id, sealed.ad(), sealed.bytes);
  const auto wanted = plain ? value_in(*plain) : std::nullopt;
  const auto value = format::open_record(key, kVault, place, sealed.id, sealed.bytes);
  must(value.has_value() == wanted.has_value(), "a record opens where seal and padding are right");
  if (!value) return check_error(value.error(), {Errc::tampered});
  must(std::ranges::equal(value->expose(), *wanted), "a value is what was sealed");
  const auto again = format::seal_record(key, kVault, place, *value);
  const auto reopened = format::open_record(key, kVault, place, again.blob.id.bytes, again.blob.bytes);
  must(reopened.has_value() && equal_constant_time(*reopened, *value), "what is sealed again opens equal");
  must(format::check_digest(again.pointer, again.blob.bytes).has_value(), "with the digest that was given");
  const format::RecordPlace other{sealed.name, sealed.epoch, sealed.version + 1};
  must(!format::open_record(key, kVault, other, sealed.id, sealed.bytes), "a record fits no other version");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (const auto sealed = parse(bytes_of(data, size))) check_record(*sealed, secret_of(known_key_bytes()));
  check_memory();
  return 0;
}

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  std::mt19937 random(seed);
  const auto sealed = parse(bytes_of(data, size));
  const auto plain = sealed ? open(known_key_bytes(), sealed->id, sealed->ad(), sealed->bytes) : std::nullopt;
  if (!plain || random() % 8 == 0) return LLVMFuzzerMutate(data, size, most);
  auto next = *sealed;
  auto name = std::string(sealed->name);
  auto changed = *plain;
  const auto [bytes, padded] = unpad(*plain, kPad);
  switch (random() % 4) {
    case 0: changed = mutated(*plain, most); break;
    case 1: name = as_text(mutated(Bytes(as_bytes(name).begin(), as_bytes(name).end()), 255)); break;
    case 2: next.version += static_cast<std::uint32_t>(random()) % 3; break;
    default: {
      Writer out;
      out.raw(mutated(Bytes(bytes.begin(), bytes.end()), most));
      out.pad(kPad);
      changed = out.take();
    }
  }
  next.name = name;
  Writer out;
  out.u8(static_cast<std::uint8_t>(name.size()));
  out.text(name);
  out.u32(next.epoch);
  out.u32(next.version);
  out.raw(next.id);
  out.raw(seal(known_key_bytes(), next.id, next.ad(), changed));
  return hand_over(out.view(), data, size, most);
}
