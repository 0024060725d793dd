// The media of one machine: each is written to as somebody would who has nothing of ours.
#include <sqlite3.h>
#include <sys/stat.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "attacks/medium.hpp"
#include "core/hex.hpp"
#include "env/base64url.hpp"
#include "support/temp_dir.hpp"

namespace tokenvault::test {
namespace {

constexpr const char* kVariable = "TOKENVAULT_TEST_ATTACKED";

Bytes bytes_of_text(std::string_view text) {
  const auto view = as_bytes(text);
  return {view.begin(), view.end()};
}

class InMemory final : public Medium {
 public:
  Result<std::unique_ptr<Store>> open() override { return std::make_unique<LooseStore>(cell_); }
  void plant(const Dump& dump) override {
    cell_->dump = dump;
    ++cell_->revision;
  }
  bool drop_root() override {
    cell_->revision = 0;
    return true;
  }
  Bytes seen() override { return cell_->dump.in_one_piece(); }

 private:
  std::shared_ptr<Cell> cell_ = std::make_shared<Cell>();
};

class InFile final : public Medium {
 public:
  Result<std::unique_ptr<Store>> open() override { return open_file_store(path()); }
  void plant(const Dump& dump) override {
    const auto bytes = dump.in_one_piece();
    const auto fresh = path() + ".planted";
    std::ofstream(fresh, std::ios::binary) << as_text(bytes);
    REQUIRE(::chmod(fresh.c_str(), 0600) == 0);
    std::filesystem::rename(fresh, path());
  }
  Bytes seen() override {
    std::ifstream file(path(), std::ios::binary);
    return bytes_of_text(std::string(std::istreambuf_iterator<char>(file), {}));
  }

 private:
  [[nodiscard]] std::string path() const { return folder_ / "vault.tv"; }
  TempDir folder_;
};

class InSqlite final : public Medium {
 public:
  Result<std::unique_ptr<Store>> open() override { return open_sqlite_store(path()); }
  void plant(const Dump& dump) override {
    if (!std::filesystem::exists(path())) return make(dump);
    std::string sql = "BEGIN IMMEDIATE; DELETE FROM blobs;";
    for (const auto& [id, bytes] : dump.blobs)
      sql += "INSERT INTO blobs VALUES (x'" + to_hex(id.bytes) + "', x'" + to_hex(bytes) + "');";
    sql += "UPDATE root SET revision = revision + 1, bytes = x'" + to_hex(dump.root) + "'; COMMIT";
    run(sql);
  }
  bool drop_root() override {
    run("DELETE FROM root");
    return true;
  }
  Bytes seen() override {
    return bytes_of_text(
        run("SELECT revision || ' ' || hex(bytes) FROM root;"
            "SELECT hex(id) || ' ' || hex(bytes) FROM blobs ORDER BY id"));
  }

 private:
  void make(const Dump& dump) const {
    const auto store = open_sqlite_store(path(), {.create = true});
    REQUIRE(store);
    std::vector<Blob> put;
    for (const auto& [id, bytes] : dump.blobs) put.push_back({id, bytes});
    REQUIRE((*store)->commit({Revision::absent, dump.root, put, {}}));
  }
  std::string run(const std::string& sql) const {
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(path().c_str(), &database) == SQLITE_OK);
    std::string said;
    const auto note = [](void* text, int, char** values, char**) {
      *static_cast<std::string*>(text) += std::string(values[0]) + '\n';
      return 0;
    };
    const int code = sqlite3_exec(database, sql.c_str(), note, &said, nullptr);
    sqlite3_close(database);
    REQUIRE(code == SQLITE_OK);
    return said;
  }
  [[nodiscard]] std::string path() const { return folder_ / "vault.db"; }
  TempDir folder_;
};

class InVariable final : public Medium {
 public:
  ~InVariable() override { ::unsetenv(kVariable); }
  Result<std::unique_ptr<Store>> open() override { return open_env_store(kVariable); }
  void plant(const Dump& dump) override {
    ::setenv(kVariable, base64url_encode(dump.in_one_piece()).c_str(), 1);
  }
  Bytes seen() override { return bytes_of_text(std::getenv(kVariable)); }
  [[nodiscard]] bool live() const override { return false; }
};

class InOnePiece final : public Medium {
 public:
  Result<std::unique_ptr<Store>> open() override { return open_sealed_store(bytes_); }
  void plant(const Dump& dump) override { bytes_ = dump.in_one_piece(); }
  Bytes seen() override { return bytes_; }
  [[nodiscard]] bool live() const override { return false; }

 private:
  Bytes bytes_;
};

constexpr std::array<std::string_view, 5> kMedia{"memory", "file", "sqlite", "env", "one piece"};

}  // namespace

std::span<const std::string_view> media() { return kMedia; }

std::unique_ptr<Medium> make_medium(std::string_view name) {
  if (name == "file") return std::make_unique<InFile>();
  if (name == "sqlite") return std::make_unique<InSqlite>();
  if (name == "env") return std::make_unique<InVariable>();
  if (name == "one piece") return std::make_unique<InOnePiece>();
  return std::make_unique<InMemory>();
}

}  // namespace tokenvault::test
