#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tokenvault::cli {

/// Which key source the user named; at most one is set. None of them holds a secret.
struct UnlockFlags {
  std::optional<std::string> key_file;
  std::optional<int> key_fd;
  std::optional<int> passphrase_fd;
  std::optional<std::string> passphrase_file;
  std::optional<std::string> passphrase_command;
  std::optional<std::string> identity_file;
  std::optional<std::string> recovery_file;
  bool passphrase = false;
  bool recovery = false;
};

/// How to reach a vault in etcd. None of them is a secret.
struct EtcdFlags {
  std::optional<std::string> ca_file;
  std::optional<std::string> cert_file;
  std::optional<std::string> key_file;
  std::optional<std::string> user;
  std::optional<std::string> password_file;
};

/// What `key add` adds; exactly one is set.
struct NewKeyFlags {
  std::optional<std::string> key_file;
  bool passphrase = false;
  std::optional<int> passphrase_fd;
  std::optional<std::string> recipient;
  std::optional<std::string> identity_file;
  bool recovery = false;
};

/// How long and where `unlock` keeps a key, and how much `lock` forgets.
struct KeepFlags {
  std::string span = "8h";
  bool session = false;
  bool user = false;
  bool all = false;
};

/// What carries over or ends when the master key changes.
struct RotateFlags {
  std::vector<std::string> keep_key_files;
  std::vector<int> keep_passphrase_fds;
  std::vector<std::string> drop;
};

/// Further keys that a drill opens the vault with.
struct TriedKeys {
  std::vector<std::string> key_files;
  std::vector<int> passphrase_fds;
  std::vector<std::string> identity_files;
  std::vector<std::string> recovery_files;
  bool all = false;  ///< a slot that none of them opened is a failure
};

/// Where the value to store comes from; the hidden prompt when none is set.
struct ValueFlags {
  bool from_stdin = false;
  std::optional<std::string> from_file;
  std::optional<int> from_fd;
  bool binary = false;
};

/// How the steps of a token's rotation are to be taken.
struct StepFlags {
  bool dry_run = false;
  bool force = false;             ///< abort
  bool unverified = false;        ///< promote
  bool theirs = false;            ///< retire
  bool discard = false;           ///< resume
  bool include_late = false;      ///< due
  std::optional<std::string> id;  ///< waive: of the rotation
};

/// What `policy` is to change; nothing set: it is to be shown.
struct PolicyFlags {
  std::optional<std::string> provider;
  std::optional<std::string> rotate_after;
  std::optional<std::string> grace;
  std::optional<std::string> lifetime;
  std::optional<std::string> timeout;
  std::optional<std::string> owner;
  std::vector<std::string> settings;  ///< K=V
  std::vector<std::string> secrets;   ///< WORD=NAME
  bool none = false;
};

/// Which tokens a credential helper hands to whom, and in what form.
struct HelperFlags {
  std::optional<std::string> name;   ///< one token for whatever is asked for
  std::vector<std::string> targets;  ///< WHERE=NAME
  std::string user;
  std::optional<std::string> map;  ///< the file that says it instead
  std::optional<std::string> access_key_id;
  std::optional<std::string> header;
  std::string host;
};

/// One command line, understood but not yet acted on.
struct Request {
  std::string verb;     ///< one or two words, as in the table of verbs
  std::string operand;  ///< NAME, PREFIX, SLOT, FILE or ACTION

  std::optional<std::string> vault;
  EtcdFlags etcd;
  UnlockFlags unlock;
  bool json = false;
  bool quiet = false;
  bool no_input = false;

  ValueFlags value;
  std::optional<std::uint32_t> if_version;
  std::optional<std::string> expires;
  std::optional<std::string> label;

  std::optional<std::uint32_t> version;
  bool previous = false;
  bool reveal = false;
  bool expired_ok = false;

  bool confirmed = false;             ///< destroy without asking
  std::optional<std::string> within;  ///< expiring

  NewKeyFlags new_key;
  std::optional<std::string> recovery_file;  ///< where a new recovery code is written
  std::uint32_t kdf_memory_mib = 256;
  std::uint32_t kdf_passes = 3;
  bool rotate = false;
  RotateFlags rotation;
  TriedKeys tried;
  StepFlags step;
  PolicyFlags policy;
  HelperFlags helper;

  std::string format;  ///< import, export, helper curl
  std::string prefix;
  bool replace = false;
  bool skip = false;
  std::optional<std::string> source_key_file;
  std::optional<std::string> output;
  std::string from;  ///< migrate
  std::string to;
  bool accept_stale = false;  ///< restore
  bool names = false;         ///< doctor
  KeepFlags keep;

  std::vector<std::string> environment;  ///< VAR=NAME
  std::vector<std::string> files;        ///< VAR=NAME
  std::vector<std::string> descriptors;  ///< N=NAME
  std::vector<std::string> command;      ///< what follows `--`
};

}  // namespace tokenvault::cli
