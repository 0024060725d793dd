#include "text_source.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace tokenvault::cli {
namespace {

constexpr std::size_t kWindow = 4096;
constexpr std::byte kMark[] = {std::byte{0xEF}, std::byte{0xBB}, std::byte{0xBF}};

}  // namespace

int TextSource::peek() {
  if (!begun_) begin();
  if (begin_ == end_ && !fill(1)) return kEnd;
  if (offset_ >= allowed_) {
    exceeded_ = true;
    return kEnd;
  }
  const auto byte = window_.expose()[begin_];
  if (byte == std::byte{'\r'} && fill(2) && window_.expose()[begin_ + 1] == std::byte{'\n'}) ++begin_;
  return std::to_integer<int>(window_.expose()[begin_]);
}

int TextSource::take() {
  const int byte = peek();
  if (byte == kEnd) return kEnd;
  ++begin_;
  ++offset_;
  if (byte == '\n') ++line_;
  return byte;
}

void TextSource::begin() {
  begun_ = true;
  if (!ended_) open_window();
  if (!fill(std::size(kMark))) return;
  const auto bytes = window_.expose();
  if (bytes[0] == kMark[0] && bytes[1] == kMark[1] && bytes[2] == kMark[2]) begin_ = std::size(kMark);
}

void TextSource::open_window() {
  auto window = SecretBuffer::allocate(kWindow);
  if (window) {
    window_ = *std::move(window);
  } else {
    failure_ = window.error();
    ended_ = true;
  }
}

/// Whether so many bytes are at hand, after reading: at most the two of a line end, and a mark's three.
bool TextSource::fill(std::size_t wanted) {
  if (end_ - begin_ >= wanted) return true;
  if (ended_) return false;
  const auto bytes = window_.expose_writable();
  std::size_t kept = 0;
  while (begin_ < end_) bytes[kept++] = bytes[begin_++];
  begin_ = 0;
  end_ = kept;
  while (end_ < wanted && !ended_) read_more();
  return end_ >= wanted;
}

void TextSource::read_more() {
  const auto room = window_.expose_writable().subspan(end_);
  const auto got = ::read(fd_, room.data(), room.size());
  if (got < 0 && errno == EINTR) return;
  if (got > 0) {
    end_ += static_cast<std::size_t>(got);
    return;
  }
  ended_ = true;
  if (got == 0) return;
  const int error = errno;
  if (error == EBADF)
    failure_ = Error(Errc::no_key, fmt::format("descriptor {} is not open for reading", fd_), error);
  else
    failure_ = Error(Errc::io, "cannot read the input: " + std::generic_category().message(error), error);
}

Error TextSource::fault(std::string_view place, std::string_view what) const {
  if (failure_) return *failure_;
  return {Errc::invalid_argument,
          fmt::format("{}: {}", place, exceeded_ ? "goes on for too long without a token" : what)};
}

Status TextSource::status() const {
  if (failure_) return *failure_;
  if (exceeded_) return fault(fmt::format("line {}", line_), {});
  return Ok{};
}

}  // namespace tokenvault::cli
