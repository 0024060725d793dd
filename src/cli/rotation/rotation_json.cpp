#include "rotation_json.hpp"

#include "../json.hpp"
#include "../time_text.hpp"
#include "rotation_object.hpp"
#include "rotation_text.hpp"

namespace tokenvault::cli {
namespace {

using Json = nlohmann::ordered_json;

/// A document of the members of `object`.
Json document_of(const Json& object) {
  Json document{{"schema", 1}};
  document.update(object);
  return document;
}

}  // namespace

std::string json_rotation(const RotationInfo& rotation) {
  return dump(document_of(rotation_object(rotation)));
}

std::string json_plan(const RotationInfo& rotation, std::string_view next) {
  auto document = document_of(rotation_object(rotation));
  document["next"] = next;
  document["dry_run"] = true;
  return dump(document);
}

std::string json_rotations(const std::vector<RotationInfo>& rotations) {
  auto list = Json::array();
  for (const auto& rotation : rotations) list.push_back(rotation_object(rotation));
  return dump({{"schema", 1}, {"rotations", std::move(list)}});
}

std::string json_due(const std::vector<DueOutcome>& outcomes) {
  auto list = Json::array();
  for (const auto& outcome : outcomes)
    list.push_back({{"name", outcome.due.name},
                    {"result", to_string(outcome.result)},
                    {"reason", to_string(outcome.due.reason)},
                    {"since", to_rfc3339(outcome.due.since)},
                    {"note", outcome.note}});
  return dump({{"schema", 1}, {"tokens", std::move(list)}});
}

std::string json_probe(std::string_view name, const ProbeAnswer& answer) {
  return dump({{"schema", 1},
               {"name", name},
               {"state", to_string(answer.state)},
               {"id", text_or_null(answer.id)},
               {"owner", text_or_null(answer.owner)},
               {"expires", answer.expires ? Json(to_rfc3339(*answer.expires)) : Json(nullptr)},
               {"message", text_or_null(answer.message)}});
}

std::string json_policy(std::string_view name, const std::optional<Policy>& policy) {
  return dump({{"schema", 1}, {"name", name}, {"policy", policy ? policy_object(*policy) : Json(nullptr)}});
}

}  // namespace tokenvault::cli
