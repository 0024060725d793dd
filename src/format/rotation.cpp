#include "format/rotation.hpp"

#include <algorithm>

#include "core/mutant.hpp"
#include "core/try.hpp"
#include "core/utf8.hpp"
#include "format/node.hpp"

namespace tokenvault::format {
namespace {

constexpr std::uint8_t kRotationVersion = 1;
constexpr std::uint8_t kAsks = 1, kOverridden = 2;

Error broken_rotation() { return {Errc::tampered, "a token's rotation field is not what a vault writes"}; }

void write_note(Writer& out, std::string_view text) {
  text = text.substr(0, kMaxNoteSize);
  out.u8(static_cast<std::uint8_t>(text.size()));
  out.text(text);
}

std::string read_note(Reader& in) { return std::string(as_text(in.take(in.u8()))); }

void write_span(Writer& out, const Span& span) {
  out.raw(span.boot);
  out.u64(span.uptime);
  out.u64(span.wall);
  out.u64(span.length);
}

Span read_span(Reader& in) {
  const auto boot = in.array<16>();
  const auto uptime = in.u64();
  const auto wall = in.u64();
  return {boot, uptime, wall, in.u64()};
}

void write_holder(Writer& out, const Holder& holder) {
  out.raw(holder.run);
  out.u64(holder.pid_space);
  out.u32(holder.pid);
  out.u64(holder.started);
}

Holder read_holder(Reader& in) {
  const auto run = in.array<16>();
  const auto space = in.u64();
  const auto pid = in.u32();
  return {run, space, pid, in.u64()};
}

/// False where a flag is neither 0 nor 1.
bool read_lists(Reader& in, Rotation& rotation) {
  bool sound = true;
  for (int n = in.u8(); n > 0 && !in.failed(); --n) {
    const auto version = in.u32();
    rotation.made.push_back({version, read_note(in)});
  }
  for (int n = in.u8(); n > 0 && !in.failed(); --n) {
    Obligation owed;
    owed.version = in.u32();
    const auto ours = in.u8();
    owed.ours = ours == 1;
    sound = sound && (mutated("rotation.ours") || ours <= 1);
    owed.since = Time(std::chrono::seconds(static_cast<std::int64_t>(in.u64())));
    owed.id = read_note(in);
    rotation.obligations.push_back(std::move(owed));
  }
  return sound;
}

bool is_sound(const Rotation& rotation) {
  const auto plain = [](const std::string& text) { return is_plain_text(text); };
  return plain(rotation.owner) && plain(rotation.note) && rotation.made.size() <= kMaxMade &&
         rotation.obligations.size() <= kMaxObligations &&
         std::ranges::all_of(rotation.made, plain, &Made::id) &&
         std::ranges::all_of(rotation.obligations, plain, &Obligation::id);
}

}  // namespace

const Made* Rotation::find_made(std::uint32_t version) const noexcept {
  const auto found = std::ranges::find(made, version, &Made::version);
  return found == made.end() ? nullptr : &*found;
}

Bytes encode_rotation(const Rotation& rotation) {
  if (rotation.phase == Phase::idle && rotation.obligations.empty() && rotation.made.empty()) return {};
  Writer out;
  out.u8(kRotationVersion);
  out.u8(static_cast<std::uint8_t>(rotation.phase));
  out.u8(static_cast<std::uint8_t>((rotation.asks ? kAsks : 0) | (rotation.overridden ? kOverridden : 0)));
  out.raw(rotation.id);
  out.u32(rotation.old_version);
  out.u32(rotation.new_version);
  for (const auto moment : {rotation.started, rotation.changed, rotation.next_try}) out.u64(moment);
  out.u16(rotation.attempts);
  out.u8(rotation.rejections);
  write_span(out, rotation.span);
  write_holder(out, rotation.holder);
  write_note(out, rotation.owner);
  write_note(out, rotation.note);
  out.u8(static_cast<std::uint8_t>(rotation.made.size()));
  for (const auto& made : rotation.made) {
    out.u32(made.version);
    write_note(out, made.id);
  }
  out.u8(static_cast<std::uint8_t>(rotation.obligations.size()));
  for (const auto& owed : rotation.obligations) {
    out.u32(owed.version);
    out.u8(owed.ours ? 1 : 0);
    out.u64(static_cast<std::uint64_t>(owed.since.time_since_epoch().count()));
    write_note(out, owed.id);
  }
  return out.take();
}

Result<Rotation> decode_rotation(BytesView bytes) {
  Rotation rotation;
  if (bytes.empty()) return rotation;
  Reader in(bytes);
  if (in.u8() != kRotationVersion && !mutated("rotation.version"))
    return Error(Errc::unsupported, "a newer program than this wrote the state of a token's rotation");
  const auto phase = in.u8();
  const auto flags = in.u8();
  rotation.phase = static_cast<Phase>(phase);
  rotation.asks = (flags & kAsks) != 0;
  rotation.overridden = (flags & kOverridden) != 0;
  rotation.id = in.array<16>();
  rotation.old_version = in.u32();
  rotation.new_version = in.u32();
  for (auto* moment : {&rotation.started, &rotation.changed, &rotation.next_try}) *moment = in.u64();
  rotation.attempts = in.u16();
  rotation.rejections = in.u8();
  rotation.span = read_span(in);
  rotation.holder = read_holder(in);
  rotation.owner = read_note(in);
  rotation.note = read_note(in);
  const bool sound = read_lists(in, rotation);
  if (!sound || (!mutated("rotation.end") && !in.done()) ||
      (!mutated("rotation.phase") && phase > static_cast<std::uint8_t>(Phase::aborted)) ||
      (!mutated("rotation.flags") && flags > (kAsks | kOverridden)) ||
      (!mutated("rotation.lists") && !is_sound(rotation)))
    return broken_rotation();
  return rotation;
}

Result<Rotation> rotation_of(const Entry& entry) { return decode_rotation(entry.field(FieldTag::rotation)); }

std::string id_text(const Id16& id) {
  constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  auto rest = id;
  std::string text(22, '0');
  for (auto place = text.rbegin(); place != text.rend(); ++place) {
    unsigned carry = 0;
    for (auto& byte : rest) {
      carry = carry << 8 | std::to_integer<unsigned>(byte);
      byte = static_cast<std::byte>(carry / 62);
      carry %= 62;
    }
    *place = kDigits[carry];
  }
  return text;
}

}  // namespace tokenvault::format
