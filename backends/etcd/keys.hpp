#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "tokenvault/store.hpp"

namespace tokenvault::etcd {

/// One large commit on its way: 16 random bytes, in hexadecimal.
using AttemptId = std::string;

/// What the keys of one vault are called.
class Keys {
 public:
  explicit Keys(std::string prefix) : prefix_(std::move(prefix)) {}

  [[nodiscard]] std::string root() const { return prefix_ + "root"; }
  [[nodiscard]] std::string revision() const { return prefix_ + "revision"; }
  [[nodiscard]] std::string blobs() const { return prefix_ + "blob/"; }
  [[nodiscard]] std::string blob(const BlobId& id) const;
  /// Nothing where `key` is not that of a blob.
  [[nodiscard]] std::optional<BlobId> blob_of(std::string_view key) const;

  [[nodiscard]] std::string uploads() const { return prefix_ + "upload/"; }
  [[nodiscard]] std::string marker(const AttemptId& attempt) const { return uploads() + attempt; }
  [[nodiscard]] std::string batches(const AttemptId& attempt) const { return marker(attempt) + "/"; }
  [[nodiscard]] std::string erases() const { return prefix_ + "erase/"; }
  [[nodiscard]] std::string erase(const AttemptId& attempt) const { return erases() + attempt; }

 private:
  std::string prefix_;
};

/// The first key after all that begin with `prefix`, which ends in an ASCII character.
[[nodiscard]] std::string end_of(std::string prefix);

}  // namespace tokenvault::etcd
