#pragma once
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace tokenvault::orgapi {

using Field = std::pair<std::string_view, std::string_view>;

/// One HTTP request; all of it points into the server's memory and ends with the call it is passed to.
struct Request {
  std::string_view method;
  std::string_view path;  ///< percent-decoded, without the query
  std::string_view peer;  ///< the address, without the port
  std::string_view body = {};
  std::vector<Field> fields = {}, query = {}, cookies = {};

  /// The values of the header `name`, whatever its case, in order.
  [[nodiscard]] std::vector<std::string_view> all(std::string_view name) const;
  /// The value of a header that is there once.
  [[nodiscard]] std::optional<std::string_view> one(std::string_view name) const;
  [[nodiscard]] std::optional<std::string_view> argument(std::string_view name) const;
  [[nodiscard]] std::optional<std::string_view> cookie(std::string_view name) const;
};

/// Equal but for the case of ASCII letters.
[[nodiscard]] bool same_word(std::string_view a, std::string_view b) noexcept;

}  // namespace tokenvault::orgapi
