#include "rotation/pursuit.hpp"

namespace tokenvault {

using rotation::Act;
using rotation::Goal;

class Rotator::Impl : public rotation::Pursuit {
 public:
  using Pursuit::Pursuit;
};

Rotator::Rotator(Vault& vault, std::string name, Provider& provider, RotatorOptions options)
    : impl_(std::make_unique<Impl>(vault, std::move(name), provider, std::move(options))) {}
Rotator::Rotator(Rotator&&) noexcept = default;
Rotator& Rotator::operator=(Rotator&&) noexcept = default;
Rotator::~Rotator() = default;

Result<RotationInfo> Rotator::rotate() { return impl_->rotate(); }
Result<RotationInfo> Rotator::resume() { return impl_->go_to(Act::take_up, Goal::settled); }
Result<RotationInfo> Rotator::start() { return impl_->go_to(Act::start, Goal::begun); }
Result<RotationInfo> Rotator::issue() { return impl_->go_to(Act::take_up, Goal::received); }
Result<RotationInfo> Rotator::stage(SecretBuffer value) { return impl_->stage(value); }
Result<RotationInfo> Rotator::verify() { return impl_->verify(); }
Result<RotationInfo> Rotator::promote(bool unverified) {
  return unverified ? impl_->accept() : impl_->promote_verified();
}
Result<RotationInfo> Rotator::retire(bool theirs) { return impl_->retire(theirs); }
Result<RotationInfo> Rotator::abort(bool force) { return impl_->abort(force); }
Result<RotationInfo> Rotator::discard() { return impl_->discard(); }
Result<RotationInfo> Rotator::waive(std::uint32_t version, std::string_view rotation) {
  return impl_->waive(version, std::string(rotation));
}
Result<RotationInfo> Rotator::status() const { return impl_->status(); }

}  // namespace tokenvault
