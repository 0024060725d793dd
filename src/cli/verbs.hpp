#pragma once
#include <span>
#include <string>
#include <string_view>

#include "session.hpp"

namespace tokenvault::cli {

/// One verb of the contract: what help says of it and what it does. `run` gives the exit code.
struct Verb {
  std::string_view words;
  std::string_view summary;
  std::string_view example;
  Result<int> (*run)(const Session&);
};

/// All of them, in the order of the help.
[[nodiscard]] std::span<const Verb> all_verbs() noexcept;
/// The further words of the verbs that begin with `words`, as "list, add, remove"; empty where none does.
[[nodiscard]] std::string members_of(std::string_view words);
/// Nullptr for anything else.
[[nodiscard]] const Verb* find_verb(std::string_view words) noexcept;

Result<int> run_init(const Session& session);
Result<int> run_status(const Session& session);
Result<int> run_verify(const Session& session);
Result<int> run_put(const Session& session);
Result<int> run_get(const Session& session);
Result<int> run_list(const Session& session);
Result<int> run_show(const Session& session);
Result<int> run_history(const Session& session);
Result<int> run_key_list(const Session& session);
Result<int> run_key_add(const Session& session);
Result<int> run_key_remove(const Session& session);
Result<int> run_key_verify(const Session& session);
Result<int> run_key_rotate(const Session& session);
Result<int> run_import(const Session& session);
Result<int> run_export(const Session& session);
Result<int> run_run(const Session& session);
Result<int> run_rollback(const Session& session);
Result<int> run_rm(const Session& session);
Result<int> run_undelete(const Session& session);
Result<int> run_destroy(const Session& session);
Result<int> run_expiring(const Session& session);
Result<int> run_migrate(const Session& session);
Result<int> run_backup(const Session& session);
Result<int> run_backup_verify(const Session& session);
Result<int> run_restore(const Session& session);
Result<int> run_doctor(const Session& session);
Result<int> run_rotate(const Session& session);
Result<int> run_rotate_start(const Session& session);
Result<int> run_rotate_stage(const Session& session);
Result<int> run_rotate_verify(const Session& session);
Result<int> run_rotate_promote(const Session& session);
Result<int> run_rotate_retire(const Session& session);
Result<int> run_rotate_abort(const Session& session);
Result<int> run_rotate_resume(const Session& session);
Result<int> run_rotate_waive(const Session& session);
Result<int> run_rotate_status(const Session& session);
Result<int> run_rotate_due(const Session& session);
Result<int> run_unlock(const Session& session);
Result<int> run_completion(const Session& session);
Result<int> run_lock(const Session& session);
Result<int> run_probe(const Session& session);
Result<int> run_policy(const Session& session);
Result<int> run_helper_git(const Session& session);
Result<int> run_helper_docker(const Session& session);
Result<int> run_helper_aws(const Session& session);
Result<int> run_helper_kubectl(const Session& session);
Result<int> run_helper_curl(const Session& session);

}  // namespace tokenvault::cli
