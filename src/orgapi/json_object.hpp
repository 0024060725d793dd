#pragma once
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace tokenvault::orgapi {

/// The JSON object that a request's body is. A member that is not asked for is a fault: who writes `expire` for
/// `expires` would get a token without an end.
class JsonObject {
 public:
  /// Nothing where `body` is no JSON object, or has a member beside `members`, or one twice.
  static std::optional<JsonObject> parse(std::string_view body,
                                         std::initializer_list<std::string_view> members);

  [[nodiscard]] std::optional<std::string> text(std::string_view member) const;
  /// Where it is absent or not a whole number: nothing.
  [[nodiscard]] std::optional<std::int64_t> number(std::string_view member) const;
  [[nodiscard]] bool is_null(std::string_view member) const;

 private:
  explicit JsonObject(nlohmann::json value) : value_(std::move(value)) {}
  nlohmann::json value_;
};

}  // namespace tokenvault::orgapi
