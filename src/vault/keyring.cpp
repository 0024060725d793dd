#include "vault/keyring.hpp"

#include <algorithm>

#include "core/mutant.hpp"
#include "core/try.hpp"
#include "crypto/aead.hpp"
#include "crypto/hash.hpp"
#include "crypto/scrub.hpp"

namespace tokenvault {
namespace {

using crypto::kKeySize;
constexpr std::size_t kHistoryEntry = 4 + kKeySize;

Result<SecretBuffer> subkey(std::string_view person, BytesView master, const format::VaultId& vault) {
  TV_TRY(auto key, SecretBuffer::allocate(kKeySize));
  crypto::hash(person, master, {vault}, key.expose_writable());
  return key;
}

/// Epochs ascend and end below the current one.
Status check_history(BytesView plain, std::uint32_t current) {
  Reader in(plain);
  for (std::uint32_t previous = 0; !in.done();) {
    const auto epoch = in.u32();
    in.take(kKeySize);
    if (in.failed() || (!mutated("history.order") && (epoch <= previous || epoch >= current)))
      return Error(Errc::tampered, "vault history: epochs out of order");
    previous = epoch;
  }
  return Ok{};
}

}  // namespace

Result<Keyring> Keyring::make(const format::Header& header, SecretBuffer master) {
  Keyring ring;
  ring.vault_id_ = header.vault_id;
  ring.current_ = header.epoch;
  ring.master_ = std::move(master);
  ring.history_ = header.history;
  TV_TRY(ring.top_, subkey("tv1 top", ring.master_.expose(), ring.vault_id_));
  TV_CHECK(ring.add(header.epoch, ring.master_.expose()));
  if (!ring.history_.empty()) TV_CHECK(ring.open_history());
  return ring;
}

const EpochKeys* Keyring::find(std::uint32_t epoch) const noexcept {
  const auto found = std::ranges::find(epochs_, epoch, &EpochKeys::epoch);
  return found == epochs_.end() ? nullptr : &*found;
}

Result<const EpochKeys*> Keyring::of(std::uint32_t epoch) {
  if (const auto* keys = find(epoch)) return keys;
  if (!history_.empty()) {
    TV_TRY(const auto plain, open_history());
    for (Reader in(plain.expose()); !in.done();) {
      const auto at = in.u32();
      const auto master = in.take(kKeySize);
      if (at == epoch) return add(epoch, master);
    }
  }
  return Error(Errc::tampered, "the vault has no key of epoch " + std::to_string(epoch));
}

Result<const EpochKeys*> Keyring::add(std::uint32_t epoch, BytesView master) {
  EpochKeys keys{epoch, {}, {}};
  TV_TRY(keys.node, subkey("tv1 node", master, vault_id_));
  TV_TRY(keys.record, subkey("tv1 record", master, vault_id_));
  epochs_.push_back(std::move(keys));
  return &epochs_.back();
}

Result<SecretBuffer> Keyring::open_history() const {
  TV_TRY(const auto key, subkey("tv1 history", master_.expose(), vault_id_));
  const auto nonce = BytesView(history_).first(crypto::kNonceSize);
  const auto sealed = BytesView(history_).subspan(crypto::kNonceSize);
  TV_TRY(auto plain, SecretBuffer::allocate(sealed.size() - crypto::kTagSize));
  if (!crypto::open(key.expose(), nonce, {}, sealed, plain.expose_writable()) && !mutated("history.tag"))
    return Error(Errc::tampered, "vault history: it is not what this vault sealed");
  TV_CHECK(check_history(plain.expose(), current_));
  return plain;
}

Status Keyring::check_follows(const Keyring& older) const {
  if (!mutated("follow.epoch") && current_ < older.current_)
    return Error(Errc::stale, "the vault is back in an earlier epoch");
  const auto known = older.master_.expose();
  if (current_ == older.current_) {
    if (mutated("follow.same_epoch") || crypto::equal(master_.expose(), known)) return Ok{};
  } else if (!history_.empty()) {
    TV_TRY(const auto plain, open_history());
    for (Reader in(plain.expose()); !in.done();) {
      const auto epoch = in.u32();
      const auto master = in.take(kKeySize);
      if (epoch == older.current_ && (mutated("follow.next_epoch") || crypto::equal(master, known)))
        return Ok{};
    }
  }
  return Error(Errc::tampered,
               "the vault's master key was replaced by somebody who did not hold the one before");
}

Result<Bytes> Keyring::history_under(const SecretBuffer& next) const {
  SecretBuffer older;
  if (!history_.empty()) {
    TV_TRY(older, open_history());
  }
  if (!mutated("history.most") && older.size() / kHistoryEntry >= format::kMaxOldEpochs)
    return Error(Errc::refused, "the vault keeps 512 older epochs already");
  TV_TRY(auto plain, SecretBuffer::allocate(older.size() + kHistoryEntry));
  const crypto::ScrubScope scrub;
  auto out = plain.expose_writable();
  std::copy(older.expose().begin(), older.expose().end(), out.begin());
  out = out.subspan(older.size());
  const auto epoch = FixedWriter<4>().u32(current_);
  std::copy(epoch.view().begin(), epoch.view().end(), out.begin());
  std::copy(master_.expose().begin(), master_.expose().end(), out.begin() + 4);
  TV_TRY(const auto key, subkey("tv1 history", next.expose(), vault_id_));
  Bytes sealed(plain.size() + crypto::kTagSize);
  const auto nonce = crypto::seal(key.expose(), {}, plain.expose(), sealed);
  sealed.insert(sealed.begin(), nonce.begin(), nonce.end());
  return sealed;
}

}  // namespace tokenvault
