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
  /// nobody reads any more, or it is broken. Raises no SIGPIPE.
  bool write_to(int fd) noexcept;
  /// Whether the system took a part and refuses the rest. Who reads must not come to its end: half a token is another.
  [[nodiscard]] bool broken() const noexcept { return broken_; }

 private:
  std::vector<std::span<const std::byte>> pieces_;
  std::size_t next_ = 0;
  bool broken_ = false;
};

}  // namespace tokenvault::tvp
