#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tokenvault::cli {

/// Who asks for a token, as a client names it; views into the client's text.
struct Server {
  std::string_view protocol;
  std::string_view host;  ///< with the port where one was named
  std::string_view path;  ///< without the slashes around it; empty where none was named
};

/// [PROTOCOL://]HOST[:PORT][/PATH], https where none is named. Nothing where it is anything else: with a user, a
/// query, a blank or a wildcard.
[[nodiscard]] std::optional<Server> parse_server(std::string_view text);

/// Whether what it is told goes over the network encrypted for sure: https alone, in letters of either case.
[[nodiscard]] bool is_encrypted(const Server& server) noexcept;

/// For which servers a token is.
class Where {
 public:
  /// As parse_server(), http and https alone.
  static std::optional<Where> parse(std::string_view text);

  /// How well it fits: the length of its path; nothing where it does not. Protocol, host and port are equal,
  /// letters of either case, and its path is that of the server or leads to it, whole segments.
  [[nodiscard]] std::optional<std::size_t> fit(const Server& server) const;

  /// What parse() was given.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  explicit Where(std::string_view text) : text_(text) {}
  std::string text_;
};

}  // namespace tokenvault::cli
