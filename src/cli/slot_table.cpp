#include "slot_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "output.hpp"
#include "time_text.hpp"

namespace tokenvault::cli {
namespace {

std::string detail(const SlotInfo& slot) {
  if (slot.cost)
    return fmt::format("argon2id {} MiB, {} passes", slot.cost->memory_kib / 1024, slot.cost->passes);
  return slot.public_key ? hex(*slot.public_key) : std::string();
}

std::vector<std::string> row(const SlotInfo& slot, std::string mark) {
  return {std::move(mark),
          hex(slot.id),
          std::string(to_string(slot.kind)),
          to_rfc3339(slot.created),
          slot.label.empty() ? "-" : slot.label,
          detail(slot)};
}

}  // namespace

std::string slot_table(const VaultInfo& vault) {
  std::vector<std::vector<std::string>> rows{{"   ", "SLOT", "KIND", "CREATED", "LABEL", ""}};
  for (const auto& slot : vault.slots)
    rows.push_back(row(slot, slot.id == vault.unlocked_by ? "  >" : "   "));
  return table(rows);
}

std::string drill_table(const VaultInfo& vault, const std::vector<SlotId>& opened) {
  std::vector<std::vector<std::string>> rows{{"OPENED", "SLOT", "KIND", "CREATED", "LABEL", ""}};
  for (const auto& slot : vault.slots)
    rows.push_back(row(slot, std::ranges::find(opened, slot.id) != opened.end() ? "yes" : "not tried"));
  return table(rows);
}

}  // namespace tokenvault::cli
