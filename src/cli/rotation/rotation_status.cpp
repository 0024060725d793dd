#include "../output.hpp"
#include "../try.hpp"
#include "../verbs.hpp"
#include "rotation_json.hpp"
#include "rotation_text.hpp"
#include "step.hpp"

namespace tokenvault::cli {
namespace {

/// Needs no provider: it is asked about when that is what is broken.
Result<int> status_of_one(const Session& session, const Vault& vault) {
  TV_TRY(const auto token, vault.info(session.request.operand));
  const auto rotation = rotation_of(token);
  TV_CHECK(print(session.request.json ? json_rotation(rotation) : line_of(rotation) + '\n'));
  return 0;
}

Result<int> status_of_all(const Session& session, Vault& vault) {
  TV_TRY(const auto all, rotations(vault));
  std::string lines;
  for (const auto& rotation : all) lines += line_of(rotation) + '\n';
  TV_CHECK(print(session.request.json ? json_rotations(all) : lines));
  if (all.empty() && !session.request.json) session.notice("no rotation is open, and nothing is owed");
  return 0;
}

}  // namespace

Result<int> run_rotate_status(const Session& session) {
  const auto& name = session.request.operand;
  if (!name.empty()) TV_CHECK(check_name(name));
  TV_TRY(auto vault, session.vault());
  return name.empty() ? status_of_all(session, vault) : status_of_one(session, vault);
}

}  // namespace tokenvault::cli
