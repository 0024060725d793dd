#pragma once
#include <cstdint>
#include <string>

#include "etcd/gateway.hpp"
#include "etcd/keys.hpp"
#include "etcd/reply.hpp"
#include "etcd/transaction.hpp"
#include "tokenvault/store.hpp"

namespace tokenvault::etcd {

/// The part that all commits have in common: one root takes the place of another, under a revision that never
/// was there before. The revision is 8 random bytes in a key of their own, and not etcd's own number, which
/// counts the same steps again after a snapshot was restored.
class Swap {
 public:
  Swap(const Keys& keys, const Commit& commit);

  [[nodiscard]] Revision next() const noexcept { return next_; }
  /// Adds one or two conditions, two changes, and one read.
  void add_to(Transaction& transaction) const;
  /// Sends it. Errors: as Gateway::transact.
  Result<Outcome> send(Gateway& gateway, const Transaction& transaction) const;
  /// Whether what was read where the transaction failed says that somebody else was faster.
  [[nodiscard]] bool is_beaten(const Outcome& outcome) const;

 private:
  const Keys& keys_;
  const Commit& commit_;
  Revision next_;
};

/// Two of them: conditions, and likewise changes, that a Swap takes of a transaction's kMaxOperations.
inline constexpr std::size_t kSwapOperations = 2;

/// Nothing where the value is no revision.
std::optional<Revision> revision_of(BytesView value);

/// 16 random bytes in hexadecimal.
std::string random_name();

}  // namespace tokenvault::etcd
