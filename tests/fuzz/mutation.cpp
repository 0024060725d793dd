#include "mutation.hpp"

#include <algorithm>
#include <random>

#include "target.hpp"
#include "unsealed.hpp"

namespace tokenvault::fuzz {
namespace {

constexpr std::size_t kRecordPad = 64;

class Mutation {
 public:
  Mutation(Unsealed& vault, unsigned seed) : vault_(vault), random_(seed) {}

  void change() {
    switch (below(16)) {
      case 0: return change_numbers();
      case 1: return change_slots();
      case 2: return change_history();
      case 3: return change_header_bytes();
      case 4: return change_mac();
      case 5: return change_blobs();
      case 6: return swap_pieces();
      case 7:
      case 8:
      case 9:
      case 10: return change_plain(vault_.top, format::kNodePad, 64 * 1024);
      default: return change_piece();
    }
  }

 private:
  std::size_t below(std::size_t end) { return end == 0 ? 0 : random_() % end; }

  template <typename T>
  T number() {
    constexpr std::uint64_t kEdges[] = {0, 1, 2, 3, 255, 0x7fffffff, 0xffffffff, ~std::uint64_t{0}};
    return static_cast<T>(below(2) == 0 ? kEdges[below(std::size(kEdges))] : random_());
  }

  void change_numbers() {
    switch (below(3)) {
      case 0: vault_.header.generation = number<std::uint64_t>(); break;
      case 1: vault_.header.epoch = number<std::uint32_t>(); break;
      default: vault_.header.vault_id[below(16)] ^= std::byte{1};
    }
  }

  void change_slots() {
    auto& slots = vault_.header.slots;
    const auto at = below(slots.size());
    auto slot = slots[at];
    switch (below(7)) {
      case 0: slots.push_back(std::move(slot)); break;
      case 1:
        if (slots.size() > 1) slots.erase(slots.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      case 2: std::swap(slots[at], slots[below(slots.size())]); break;
      case 3: slots[at].body = mutated(std::move(slot.body), 600); break;
      case 4: slots[at].type = number<std::uint8_t>(); break;
      default: slots.insert(slots.begin() + static_cast<std::ptrdiff_t>(below(2) * at), fresh_slot());
    }
  }

  /// One of any kind, that opens for nobody.
  format::Slot fresh_slot() {
    format::Slot slot;
    slot.type = static_cast<std::uint8_t>(1 + below(6));
    for (auto& byte : slot.id) byte = number<std::byte>();
    slot.body.resize(slot.known() ? format::params_size(slot.kind()) + format::kSealedMasterSize
                                  : below(513));
    for (auto& byte : slot.body) byte = number<std::byte>();
    return slot;
  }

  void change_history() {
    if (vault_.header.history.empty()) vault_.header.history.resize(crypto::kNonceSize);
    if (vault_.history.empty() || below(3) == 0) {
      Writer more;
      more.raw(vault_.history);
      more.u32(number<std::uint32_t>());
      more.raw(known_key_bytes());
      vault_.history = more.take();
    } else {
      vault_.history = mutated(std::move(vault_.history), 36 * 513);
    }
  }

  void change_header_bytes() { vault_.header_bytes = mutated(format::encode_header(vault_.header), 8192); }

  /// The MAC of before, over what has changed since.
  void change_mac() {
    vault_.keep_mac = true;
    vault_.header.generation += below(2);
  }

  void change_blobs() {
    auto& blobs = vault_.others;
    if (!vault_.pieces.empty() && below(2) == 0) {
      vault_.pieces.erase(vault_.pieces.begin() + static_cast<std::ptrdiff_t>(below(vault_.pieces.size())));
    } else if (!blobs.empty() && below(2) == 0) {
      blobs.erase(blobs.begin());
    } else {
      BlobId id;
      for (auto& byte : id.bytes) byte = number<std::byte>();
      blobs[id] = Bytes(1 + below(100), std::byte{1});
    }
  }

  void swap_pieces() {
    if (vault_.pieces.empty()) return;
    auto& one = vault_.pieces[below(vault_.pieces.size())];
    auto& other = vault_.pieces[below(vault_.pieces.size())];
    if (below(2) == 0) return std::swap(one.plain, other.plain);
    vault_.follow_names = false;
    std::swap(one.place, other.place);
  }

  void change_piece() {
    if (vault_.pieces.empty()) return change_plain(vault_.top, format::kNodePad, 64 * 1024);
    auto& piece = vault_.pieces[below(vault_.pieces.size())];
    change_plain(piece.plain, piece.record ? kRecordPad : format::kNodePad, 40 * 1024);
  }

  /// Below the padding, or now and then of the padding itself.
  void change_plain(Bytes& plain, std::size_t block, std::size_t most) {
    const auto [bytes, ok] = unpad(plain, block);
    if (!ok || below(12) == 0) {
      plain = mutated(std::move(plain), most);
      return;
    }
    Writer padded;
    padded.raw(mutated(Bytes(bytes.begin(), bytes.end()), most));
    padded.pad(block);
    plain = padded.take();
  }

  Unsealed& vault_;
  std::mt19937 random_;
};

}  // namespace

Bytes mutated(Bytes bytes, std::size_t most) {
  const auto size = std::min(bytes.size(), most);
  bytes.resize(std::max<std::size_t>(most, 1));
  bytes.resize(LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(bytes.data()), size, bytes.size()));
  return bytes;
}

Bytes mutated_vault(BytesView container, std::size_t most, unsigned seed) {
  auto vault = seed % 8 == 0 ? std::nullopt : Unsealed::from(container);
  if (!vault) return mutated(Bytes(container.begin(), container.end()), most);
  Mutation mutation(*vault, seed);
  for (auto rounds = 1 + seed / 8 % 3; rounds > 0; --rounds) mutation.change();
  return vault->sealed();
}

}  // namespace tokenvault::fuzz
