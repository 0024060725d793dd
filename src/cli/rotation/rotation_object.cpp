#include "rotation_object.hpp"

#include "../time_text.hpp"
#include "rotation_text.hpp"

namespace tokenvault::cli {
namespace {

using Json = nlohmann::ordered_json;

Json time_or_null(Time time) { return time == Time{} ? Json(nullptr) : Json(to_rfc3339(time)); }

Json obligations(const RotationInfo& rotation) {
  auto list = Json::array();
  for (const auto& owed : rotation.obligations)
    list.push_back({{"version", owed.version},
                    {"id", one_line(owed.id)},
                    {"since", time_or_null(owed.since)},
                    {"ours", owed.ours}});
  return list;
}

}  // namespace

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(one_line(text)); }

Json rotation_object(const RotationInfo& rotation) {
  return {{"name", rotation.name},
          {"phase", to_string(rotation.phase)},
          {"rotation", text_or_null(rotation.id)},
          {"old_version", rotation.old_version},
          {"new_version", rotation.new_version},
          {"started", time_or_null(rotation.started)},
          {"changed", time_or_null(rotation.changed)},
          {"next_try", time_or_null(rotation.next_try.value_or(Time{}))},
          {"attempts", rotation.attempts},
          {"asks", rotation.asks},
          {"overridden", rotation.overridden},
          {"owner", text_or_null(rotation.owner)},
          {"note", one_line(rotation.note)},
          {"next", next_step(rotation)},
          {"obligations", obligations(rotation)}};
}

Json policy_object(const Policy& policy) {
  return {{"provider", policy.provider},       {"rotate_after", policy.rotate_after.count()},
          {"grace", policy.grace.count()},     {"lifetime", policy.lifetime.count()},
          {"timeout", policy.timeout.count()}, {"owner", text_or_null(policy.owner)},
          {"settings", policy.settings},       {"secrets", policy.secrets}};
}

}  // namespace tokenvault::cli
