#pragma once
#include <string_view>

#include "format/header.hpp"

namespace tokenvault::format {

/// Where a sealed blob lies and what it must be: docs/format.md section 4.
struct Pointer {
  BlobId id;
  std::uint32_t epoch = 0;
  crypto::Digest digest{};
};

inline constexpr std::size_t kPointerSize = 24 + 4 + 32;
void write_pointer(Writer& out, const Pointer& pointer);
Pointer read_pointer(Reader& in) noexcept;

/// A blob fresh from sealing, and the pointer that names it.
struct SealedBlob {
  Pointer pointer;
  Blob blob;
};

/// What a record is bound to besides its vault.
struct RecordPlace {
  std::string_view name;
  std::uint32_t epoch = 0;
  std::uint32_t version = 0;
};

/// Seals one version's value under the epoch's record key.
SealedBlob seal_record(const SecretBuffer& key, const VaultId& vault, const RecordPlace& place,
                       const SecretBuffer& value);

/// Opens a record whose digest was checked. No heap. Errors: tampered, out_of_memory.
Result<SecretBuffer> open_record(const SecretBuffer& key, const VaultId& vault, const RecordPlace& place,
                                 BytesView id, BytesView sealed);

/// tampered unless `blob` is what `pointer` names.
Status check_digest(const Pointer& pointer, BytesView blob);

}  // namespace tokenvault::format
