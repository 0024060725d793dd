#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace tokenvault::tvp {

/// What is still to be written to one descriptor: pieces that belong to somebody else, without separators.
class Feed {
 public:
  explicit Feed(std::vector<std::span<const std::byte>> pieces) noexcept : pieces_(std::move(pieces)) {}

  /// Writes what the descriptor takes without waiting. True when there is nothing left to do: all is written,
  /// or nobody reads any more. Raises no SIGPIPE.
  bool write_to(int fd) noexcept;

 private:
  std::vector<std::span<const std::byte>> pieces_;
  std::size_t next_ = 0;
};

}  // namespace tokenvault::tvp
