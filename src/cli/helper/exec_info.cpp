#include "exec_info.hpp"

#include <nlohmann/json.hpp>

namespace tokenvault::cli {
namespace {

constexpr std::string_view kBetaApiVersion = "client.authentication.k8s.io/v1beta1";
constexpr std::size_t kLongest = 128 * 1024;  // of any variable

/// Empty where there is no such string.
std::string_view string_in(const nlohmann::json& object, const char* member) {
  const auto found = object.find(member);
  if (found == object.end() || !found->is_string()) return {};
  return found->get_ref<const std::string&>();
}

}  // namespace

Result<std::string_view> api_version_of(std::string_view text) {
  const auto asked = text.size() > kLongest ? nlohmann::json() : nlohmann::json::parse(text, nullptr, false);
  if (!asked.is_object() || string_in(asked, "kind") != "ExecCredential")
    return Error(Errc::invalid_argument, "KUBERNETES_EXEC_INFO holds no ExecCredential");
  for (const auto known : {kNewestApiVersion, kBetaApiVersion})
    if (string_in(asked, "apiVersion") == known) return known;
  return Error(
      Errc::unsupported,
      "KUBERNETES_EXEC_INFO asks for an apiVersion other than client.authentication.k8s.io/v1 and v1beta1");
}

}  // namespace tokenvault::cli
