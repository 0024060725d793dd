#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokenvault/clock.hpp"
#include "tokenvault/error.hpp"

namespace tokenvault::tvp {

inline constexpr std::size_t kMaxText = 200;  // bytes of an id, an owner or a step

/// The one JSON object of an answer. Members that nobody asks for are ignored, of two with one name the last
/// counts, and null is the same as absent. Errors of all: refused, with the member and what is wrong with it.
class AnswerObject {
 public:
  static Result<AnswerObject> parse(std::string_view text);
  AnswerObject(AnswerObject&&) noexcept;
  AnswerObject& operator=(AnswerObject&&) noexcept;
  ~AnswerObject();

  [[nodiscard]] bool has(const char* member) const;
  /// A line of at most kMaxText bytes; empty where absent.
  [[nodiscard]] Result<std::string> line(const char* member) const;
  /// Any text.
  [[nodiscard]] Result<std::string> text(const char* member) const;
  [[nodiscard]] Result<std::vector<std::string>> lines(const char* member, std::size_t most) const;
  [[nodiscard]] Result<bool> flag(const char* member, bool usual) const;
  /// 0 to a year.
  [[nodiscard]] Result<std::optional<std::chrono::seconds>> span(const char* member) const;
  /// RFC 3339, before the year 10000.
  [[nodiscard]] Result<std::optional<Time>> moment(const char* member) const;
  /// Whether the member is this whole number.
  [[nodiscard]] bool is_number(const char* member, std::uint64_t value) const;

 private:
  struct Tree;
  explicit AnswerObject(std::unique_ptr<Tree> tree) noexcept;
  std::unique_ptr<Tree> tree_;
};

}  // namespace tokenvault::tvp
