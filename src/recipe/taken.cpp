#include "recipe/taken.hpp"

#include "recipe/instant.hpp"
#include "recipe/secret_text.hpp"

namespace tokenvault::recipe {

namespace {

constexpr std::size_t kMaxScalar = 512;  // bytes, so that a whole answer stays within 64 KiB

bool is_whole_number(std::string_view written) {
  const auto digits = written.substr(written.starts_with('-') ? 1 : 0);
  return !digits.empty() && digits.find_first_not_of("0123456789") == digits.npos;
}

std::optional<std::string> member_text(std::string_view written, std::string_view name) {
  auto text = scalar_text(written);
  if (!text || name != "expires") return text;
  const auto instant = instant_in(*text);
  return instant ? std::optional(to_rfc3339(*instant)) : std::nullopt;
}

}  // namespace

std::optional<std::string> scalar_text(std::string_view written) {
  if (written.size() > kMaxScalar) return std::nullopt;
  if (is_whole_number(written)) return std::string(written);
  const auto text = json_string(written);
  if (!text || text->empty()) return std::nullopt;
  return std::string(text_of(*text));
}

std::optional<nlohmann::json> taken_from(std::string_view body, const Call& call) {
  auto members = nlohmann::json::object();
  if (!call.take.empty() && !is_json(body)) return std::nullopt;
  for (const auto& [name, pointer] : call.take) {
    if (name == "token") continue;
    const auto written = find_json(body, pointer);
    if (!written) return std::nullopt;
    if (*written == "null") continue;
    auto text = member_text(*written, name);
    if (!text) return std::nullopt;
    members[name] = *std::move(text);
  }
  return members;
}

}  // namespace tokenvault::recipe
