#include "tvp/intake.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "core/mutant.hpp"
#include "core/try.hpp"

namespace tokenvault::tvp {
namespace {

constexpr std::size_t kDropped = 64;  // room for what is read and not kept

/// read(2) of a descriptor that does not block; how much came goes to `filled`.
Got read_into(int fd, void* to, std::size_t room, std::size_t& filled) noexcept {
  ssize_t got = 0;
  do {
    got = ::read(fd, to, room);
  } while (got < 0 && errno == EINTR);
  if (got > 0) filled += static_cast<std::size_t>(got);
  if (got > 0) return Got::some;
  return got < 0 && errno == EAGAIN ? Got::nothing_yet : Got::end;
}

}  // namespace

Result<SecretIntake> SecretIntake::of(std::size_t limit) {
  TV_TRY(auto room, SecretBuffer::allocate(limit + kDropped));
  return SecretIntake(std::move(room), limit);
}

Got SecretIntake::read_from(int fd) noexcept {
  const auto room = room_.expose_writable();
  const Got got = read_into(fd, room.data() + filled_, room.size() - filled_, filled_);
  if (filled_ > limit_ && !mutated("tvp.limit")) too_long_ = true;
  filled_ = std::min(filled_, limit_);
  return got;
}

SecretBuffer SecretIntake::take() noexcept {
  room_.truncate(std::exchange(filled_, 0));
  return std::move(room_);
}

Got TextIntake::read_from(int fd) noexcept {
  return read_into(fd, room_.data() + filled_, room_.size() - filled_, filled_);
}

std::string TextIntake::take() {
  room_.resize(filled_);
  return std::move(room_);
}

}  // namespace tokenvault::tvp
