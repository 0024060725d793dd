#pragma once
#include <map>
#include <string>
#include <vector>

#include "support/dump.hpp"
#include "support/fake_clock.hpp"
#include "support/temp_dir.hpp"
#include "support/vault_fixture.hpp"

namespace tokenvault::test {

/// A vault with a past, laid open: every copy that whoever reads the store could have kept, and what is right.
/// Its tree has the same shape in every run: a branch at the top, sixteen children, and below the first of them
/// seven leaves.
class Scene {
 public:
  /// Made once a process; nothing changes it.
  static const Scene& one();

  /// As it is now, and as it was after each commit.
  [[nodiscard]] const Dump& now() const { return history_.back(); }
  [[nodiscard]] const std::vector<Dump>& history() const { return history_; }
  /// What an anchors file said after each commit.
  [[nodiscard]] const std::vector<std::string>& anchors() const { return anchors_; }

  /// The first commit of the second epoch; before it, `former_key()` opens the vault.
  [[nodiscard]] std::size_t second_epoch() const { return second_epoch_; }
  static KeySource key() { return raw_key('k'); }
  static KeySource former_key() { return raw_key('f'); }
  [[nodiscard]] const SlotId& former_slot() const { return former_slot_; }
  [[nodiscard]] KeySource recipient_key() const;
  [[nodiscard]] const PublicKey& recipient() const { return recipient_.public_key; }

  /// The tokens whose path begins with one digit; below digit 0, two to each second digit from 0 to 6.
  [[nodiscard]] const std::string& token(std::size_t digit, std::size_t number) const {
    return names_[digit][number];
  }
  /// Has versions 1 to 4; the last is of the second epoch.
  [[nodiscard]] const std::string& aged() const { return names_[3][0]; }
  /// Has a version that waits to be promoted, beside the current one.
  [[nodiscard]] const std::string& staged() const { return names_[4][0]; }
  [[nodiscard]] const std::string& erased() const { return names_[5][0]; }

  /// Right values by name and version, of all that can be had; the current version of each name.
  using Versions = std::map<std::uint32_t, std::string>;
  [[nodiscard]] const std::map<std::string, Versions>& values() const { return values_; }
  [[nodiscard]] const std::map<std::string, std::uint32_t>& current() const { return current_; }
  [[nodiscard]] const std::string& value(const std::string& name) const {
    return values_.at(name).at(current_.at(name));
  }

  struct Version {
    std::string name;
    std::uint32_t number;
  };
  /// What each blob of now() is there for: one version, or the way to some names.
  [[nodiscard]] const std::map<BlobId, Version>& records() const { return records_; }
  [[nodiscard]] const std::map<BlobId, std::vector<std::string>>& nodes() const { return nodes_; }
  [[nodiscard]] const BlobId& record(const std::string& name, std::uint32_t version = 0) const;
  /// The leaf that has the entry of `name`.
  [[nodiscard]] const BlobId& leaf(const std::string& name) const;

  [[nodiscard]] VaultOptions options() const;

 private:
  Scene();
  void live();
  void name_tokens();
  void fill(Vault& vault);
  void stage(Vault& vault);
  void put_value(Vault& vault, const std::string& name, const std::string& value);
  void note();
  void look();

  FakeClock clock_;
  TempDir folder_;
  std::shared_ptr<Store> store_ = *open_memory_store();
  KeyPair recipient_;
  SlotId former_slot_{};
  std::size_t second_epoch_ = 0;
  std::array<std::vector<std::string>, 16> names_;
  std::vector<Dump> history_;
  std::vector<std::string> anchors_;
  std::map<std::string, Versions> values_;
  std::map<std::string, std::uint32_t> current_;
  std::map<BlobId, Version> records_;
  std::map<BlobId, std::vector<std::string>> nodes_;
};

}  // namespace tokenvault::test
