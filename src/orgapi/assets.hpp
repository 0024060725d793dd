#pragma once
#include <cstddef>
#include <span>
#include <string_view>

namespace tokenvault::orgapi {

/// A file of the program's own: part of it, never read from disk.
struct Asset {
  std::string_view path;             ///< what a request names: "/admin/page.js"; no query
  std::string_view type;             ///< for Content-Type
  std::span<const std::byte> bytes;  ///< static storage
  bool gzip = false;                 ///< the bytes are compressed: Content-Encoding is gzip
};

/// All of them. Static storage; thread-safe. page/embed.py writes the table.
std::span<const Asset> assets() noexcept;

}  // namespace tokenvault::orgapi
