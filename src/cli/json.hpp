#pragma once
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "findings.hpp"
#include "keyring/kept_key.hpp"
#include "rotation/rotation_text.hpp"
#include "tokenvault/vault.hpp"

/// The documents of --json, metadata alone: no value passes here. Each ends with a newline.
namespace tokenvault::cli {

/// What `status` knows; `vault` is empty where it could not be opened.
struct StatusView {
  std::string uri;
  std::vector<std::string> endpoints;  ///< of a vault in etcd
  std::string_view persistence;        ///< meaningless without a vault
  std::string_view unlock_source;
  std::string unlock_place;
  KeptLook kept;  ///< in the kernel
  std::string anchors;
  std::optional<VaultInfo> vault;
  RotationCounts rotations;
  Protection protection;
};

/// The text of a document, with its newline.
[[nodiscard]] std::string dump(const nlohmann::ordered_json& document);

[[nodiscard]] std::string json_error(int code, std::string_view kind, std::string_view message,
                                     std::string_view hint);
[[nodiscard]] std::string json_status(const StatusView& view);
[[nodiscard]] std::string json_list(const std::vector<TokenInfo>& tokens);
[[nodiscard]] std::string json_show(const TokenInfo& token);
[[nodiscard]] std::string json_history(const TokenInfo& token);
/// What was done to one token.
[[nodiscard]] std::string json_event(std::string_view event, std::string_view name);
[[nodiscard]] std::string json_version(std::string_view name, const VersionInfo& version);
/// json_version without its end, up to the opening quote of the member "value_b64".
[[nodiscard]] std::string json_version_before_value(std::string_view name, const VersionInfo& version);
[[nodiscard]] std::string json_verify(const VerifyReport& report);
[[nodiscard]] std::string json_slots(const VaultInfo& vault);
[[nodiscard]] std::string json_slot(std::string_view event, const SlotId& slot,
                                    const std::optional<PublicKey>& key = {});
[[nodiscard]] std::string json_findings(const std::vector<Finding>& findings);
/// The slots, and of each whether it is among `opened`.
[[nodiscard]] std::string json_drill(const VaultInfo& vault, const std::vector<SlotId>& opened);
/// A vault that was copied to `place`.
[[nodiscard]] std::string json_copy(std::string_view event, std::string_view place, const CopyReport& report);
/// The same into a variable, with the sealed value that it must have.
[[nodiscard]] std::string json_variable(std::string_view event, std::string_view variable,
                                        std::string_view value);
[[nodiscard]] std::string json_restore(std::string_view place, const RestoreReport& report);
/// One token of an export up to the opening quote of its value, which `member` names.
[[nodiscard]] std::string json_token_before_value(std::string_view name, const std::optional<Time>& expires,
                                                  std::string_view member);
[[nodiscard]] std::string json_export(std::string_view place, std::uint64_t tokens);
[[nodiscard]] std::string json_import(const ImportReport& report);
/// What `unlock` has kept, and how many keys `lock` took away.
[[nodiscard]] std::string json_unlocked(const VaultId& vault, std::string_view keyring, Time until);
[[nodiscard]] std::string json_locked(int forgotten);
[[nodiscard]] std::string json_vault(std::string_view event, const VaultInfo& vault);

}  // namespace tokenvault::cli
