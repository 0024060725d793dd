#include "tokenvault/lease.hpp"

#include "vault/impl.hpp"

namespace tokenvault {

Lease::Lease(std::shared_ptr<Vault::Impl> vault, std::string name) noexcept
    : vault_(std::move(vault)), name_(std::move(name)) {}

Result<SecretBuffer> Lease::get() const { return vault_->get(name_, {}, Newness::told); }
Result<Token> Lease::token() const { return vault_->token(name_, {}, Newness::told); }
Result<Verdict> Lease::use(const UseToken& use) const {
  return vault_->with_token(name_, use, Newness::told);
}

Result<std::uint32_t> Lease::wait(std::uint32_t version, std::chrono::nanoseconds timeout) const {
  return vault_->wait_for_other(name_, version, timeout);
}

Result<bool> Vault::Impl::wait(std::chrono::nanoseconds timeout) {
  TV_CHECK(check_alive());
  auto since = Revision::absent;
  {
    const std::shared_lock lock(mutex_);
    since = state_.revision;
  }
  TV_TRY(const auto revision, store_->wait(since, timeout, clock_));
  return revision != since;
}

/// Version and revision are taken in one look: another thread of this vault may see the next commit before
/// this one waits, and then nothing would wake it.
Result<std::uint32_t> Vault::Impl::wait_for_other(std::string_view name, std::uint32_t version,
                                                  std::chrono::nanoseconds timeout) {
  TV_CHECK(check_name(name));
  const auto start = clock_.steady();
  for (;;) {
    auto seen = Revision::absent;
    TV_TRY(const auto held, read<std::uint32_t>([&](NodeReader& nodes) -> Result<std::uint32_t> {
             TV_TRY(const auto entry, find_entry(nodes, name));
             if (!entry || !entry->listed()) return no_token(name);
             seen = state_.revision;
             return describe(*entry).version;
           }));
    const auto waited = clock_.steady() - start;
    if (held != version || waited >= timeout) return held;
    TV_CHECK(store_->wait(seen, timeout - waited, clock_));
  }
}

/// What may be tried after `rejected` was: a newer version, else the previous one in its grace.
Result<std::optional<Token>> Vault::Impl::second_choice(std::string_view name, std::uint32_t rejected) {
  TV_TRY(auto newest, token(name, {}));
  if (newest.version != rejected) return std::optional(std::move(newest));
  auto previous = token(name, {.stage = Stage::previous});
  if (previous) return std::optional(*std::move(previous));
  const auto code = previous.error().code();
  if (code == Errc::not_found || code == Errc::expired) return std::optional<Token>();
  return std::move(previous).error();
}

Result<Verdict> Vault::Impl::with_token(std::string_view name, const UseToken& use, Newness newness) {
  TV_TRY(const auto first, token(name, {}, newness));
  auto verdict = use(first.value, first.version);
  if (verdict != Verdict::rejected) return verdict;
  TV_TRY(const auto second, second_choice(name, first.version));
  if (second) verdict = use(second->value, second->version);
  // The verdict is what the caller needs: a mark that cannot be kept must not hide it.
  if (verdict == Verdict::rejected)
    (void)mark_suspect(name, second ? std::max(first.version, second->version) : first.version).has_value();
  return verdict;
}

}  // namespace tokenvault
