#pragma once
#include <array>
#include <map>
#include <optional>
#include <vector>

#include "format/header.hpp"
#include "format/node.hpp"
#include "tokenvault/key_source.hpp"

namespace tokenvault::fuzz {

using Key = std::array<std::byte, 32>;

/// The raw key of every vault here.
KeySource known_key();
/// Its bytes.
Key known_key_bytes();

/// BLAKE2b and XChaCha20-Poly1305 as docs/format.md section 1 has them, by libsodium alone.
Key blake2b(std::string_view person, BytesView key, BytesView data);
Bytes seal(BytesView key, BytesView nonce, BytesView ad, BytesView plain);
std::optional<Bytes> open(BytesView key, BytesView nonce, BytesView ad, BytesView sealed);

/// A node or a record with its seal taken off.
struct Piece {
  BlobId id;
  std::uint32_t epoch = 0;
  bool record = false;
  Bytes place;  ///< of its associated data, what follows vault and epoch
  Bytes plain;  ///< padded
};

/// A vault in one piece (docs/format.md section 6), laid open by whoever knows its key: what is inside can be changed
/// and sealed again under the same ids and nonces, so that every check sum, seal and MAC fits.
class Unsealed {
 public:
  /// Nothing where the header does not parse, or no slot or top node opens with the known key.
  static std::optional<Unsealed> from(BytesView container);

  /// Everything sealed again, from the records up to the MAC.
  [[nodiscard]] Bytes sealed();

  format::Header header;              ///< its history is the sealed one
  Bytes history;                      ///< epochs and keys
  Bytes top;                          ///< padded
  std::vector<Piece> pieces;          ///< from the top down
  std::map<BlobId, Bytes> others;     ///< blobs that nothing names
  std::optional<Bytes> header_bytes;  ///< in place of what `header` makes
  bool keep_mac = false;              ///< as it came, whatever it was
  bool follow_names = true;           ///< records are sealed for the names that the entries have

 private:
  void take_history();
  void take_pieces(BytesView body, const format::Digits& digits);
  void take(const format::Pointer& pointer, bool record, Bytes place, const format::Digits& digits);
  void place_pieces(BytesView body, const format::Digits& digits);
  Piece* find(const BlobId& id);
  [[nodiscard]] std::optional<Key> key_of(const Piece& piece) const;
  void seal_piece(std::size_t at, std::map<BlobId, Bytes>& blobs);
  void rewrap_slot();
  [[nodiscard]] BytesView body() const;

  Key master_{};
  SlotId slot_{};
  std::map<std::uint32_t, Key> masters_;
  Key mac_{};
  std::array<std::byte, 24> top_nonce_{};
};

}  // namespace tokenvault::fuzz
