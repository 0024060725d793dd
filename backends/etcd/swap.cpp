#include "etcd/swap.hpp"

#include <sodium.h>

#include <array>
#include <cstring>

#include "core/hex.hpp"
#include "core/mutant.hpp"

namespace tokenvault::etcd {
namespace {

using RevisionBytes = std::array<std::byte, sizeof(Revision)>;

RevisionBytes bytes_of(Revision revision) noexcept {
  RevisionBytes bytes;
  std::memcpy(bytes.data(), &revision, sizeof(revision));
  return bytes;
}

/// Never `absent`. libsodium needs no getrandom(), which a sandbox may forbid, and ends without randomness.
Revision random_revision() noexcept {
  Revision revision = Revision::absent;
  while (revision == Revision::absent) ::randombytes_buf(&revision, sizeof(revision));
  return revision;
}

}  // namespace

std::optional<Revision> revision_of(BytesView value) {
  Revision revision = Revision::absent;
  if (value.size() != sizeof(revision)) return std::nullopt;
  std::memcpy(&revision, value.data(), sizeof(revision));
  if (revision == Revision::absent) return std::nullopt;
  return revision;
}

std::string random_name() {
  std::array<std::byte, 16> random{};
  ::randombytes_buf(random.data(), random.size());
  return to_hex(random);
}

Swap::Swap(const Keys& keys, const Commit& commit) : keys_(keys), commit_(commit), next_(random_revision()) {}

void Swap::add_to(Transaction& transaction) const {
  if (commit_.expected == Revision::absent)
    transaction.if_absent(keys_.revision()).if_absent(keys_.root());
  else
    transaction.if_value(keys_.revision(), bytes_of(commit_.expected));
  transaction.put(keys_.root(), commit_.root).put(keys_.revision(), bytes_of(next_));
  transaction.else_read(keys_.revision());
}

/// etcd looks at its quota once more when a change is made, and then refuses what has just happened.
Result<Outcome> Swap::send(Gateway& gateway, const Transaction& transaction) const {
  auto outcome = gateway.transact(transaction);
  if (outcome || outcome.error().code() != Errc::io) return outcome;
  const auto now = gateway.range({keys_.revision(), {}, 0, 0, false});
  const auto found =
      now && !now->found.empty() ? revision_of(now->found.front().value) : std::optional(Revision::absent);
  if (now && found == next_) return Outcome{true, now->revision, {}};
  if (now && found == commit_.expected) return outcome;
  return Error(Errc::in_doubt, outcome.error().message());
}

bool Swap::is_beaten(const Outcome& outcome) const {
  for (const auto& read : outcome.reads)
    for (const auto& found : read.found)
      if (found.key == keys_.revision())
        return !mutated("etcd.beaten") && revision_of(found.value) != commit_.expected;
  return commit_.expected != Revision::absent;
}

}  // namespace tokenvault::etcd
