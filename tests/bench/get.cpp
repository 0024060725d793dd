// get, warm and uncached, against what the same look-ups and openings cost with nothing around them.
#include <malloc.h>
#include <sodium.h>
#include <sqlite3.h>

#include <cstdlib>
#include <new>
#include <unordered_map>

#include "bench/filled.hpp"
#include "bench/ratio.hpp"

namespace {
std::size_t allocations = 0;
}

// Not inlined: a sanitizer's build would see free() meet operator new.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace tokenvault::bench {
namespace {

/// A sealed piece as a program of its own would keep it.
struct Sealed {
  std::array<unsigned char, 24> nonce{};
  std::vector<unsigned char> bytes;
};

using Key = std::array<unsigned char, 32>;

Sealed seal(const Key& key, const std::vector<unsigned char>& plain) {
  Sealed sealed;
  ::randombytes_buf(sealed.nonce.data(), sealed.nonce.size());
  sealed.bytes.resize(plain.size() + 16);
  ::crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.bytes.data(), nullptr, plain.data(), plain.size(),
                                               nullptr, 0, nullptr, sealed.nonce.data(), key.data());
  return sealed;
}

void open(const Key& key, const Sealed& sealed, unsigned char* plain) {
  if (::crypto_aead_xchacha20poly1305_ietf_decrypt(plain, nullptr, nullptr, sealed.bytes.data(),
                                                   sealed.bytes.size(), nullptr, 0, sealed.nonce.data(),
                                                   key.data()) != 0)
    std::abort();
}

void warm(const std::string& engine, std::unique_ptr<Store> store, int count) {
  auto vault = Vault::open(fill(std::move(store), count), key()).value();
  const auto names = shuffled_names(count);
  const auto heap_before = ::mallinfo2().uordblks;
  const auto mapped_before = ::mallinfo2().hblkhd;
  for (const auto& name : names) (void)vault.get(name).value();
  const auto used = ::mallinfo2().uordblks + ::mallinfo2().hblkhd - heap_before - mapped_before;

  const Key floor_key{};
  std::unordered_map<std::string, Sealed> map;
  for (const auto& name : names) map.emplace(name, seal(floor_key, std::vector<unsigned char>(64, 'v')));
  constexpr int kGets = 100'000;
  unsigned char plain[64];
  std::size_t i = 0, j = 0;
  std::size_t allocated = 0;
  compare(
      fmt::format("warm get, {}, {} tokens", engine, count), 1.5, 15, kGets,
      [&] {
        const auto before = allocations;
        for (int n = 0; n < kGets; ++n) {
          if (!vault.get(names[i])) std::abort();
          if (++i == names.size()) i = 0;
        }
        allocated = allocations - before;
      },
      [&] {
        for (int n = 0; n < kGets; ++n) {
          open(floor_key, map.find(names[j])->second, plain);
          if (++j == names.size()) j = 0;
        }
      });
  const double each = static_cast<double>(used) / count;
  fmt::print(
      "    heap allocations in the last round: {}; memory per cached token: {:.1f} bytes, {:.1f} beside the "
      "80 sealed\n",
      allocated, each, each - 80);
  const auto state = protection();
  fmt::print("    secret memory: {}, {} bytes locked, {} plain\n", to_string(state.backing),
             state.locked_bytes, state.plain_bytes);
}

/// The same selects and openings by hand: the blobs of the path, of the sizes that the tree has.
class ByHand {
 public:
  explicit ByHand(const std::string& path) {
    check(::sqlite3_open(path.c_str(), &db_));
    check(::sqlite3_exec(
        db_,
        "PRAGMA journal_mode=WAL; CREATE TABLE t (id BLOB PRIMARY KEY, b BLOB NOT NULL) WITHOUT ROWID; BEGIN",
        nullptr, nullptr, nullptr));
  }
  ~ByHand() {
    ::sqlite3_finalize(select_);
    ::sqlite3_close(db_);
  }
  ByHand(const ByHand&) = delete;
  ByHand& operator=(const ByHand&) = delete;

  void add(const std::array<unsigned char, 24>& id, std::size_t size) {
    sqlite3_stmt* insert = nullptr;
    check(::sqlite3_prepare_v2(db_, "INSERT INTO t VALUES (?, ?)", -1, &insert, nullptr));
    const auto sealed = seal({}, std::vector<unsigned char>(size));
    ::sqlite3_bind_blob(insert, 1, id.data(), 24, SQLITE_STATIC);
    std::vector<unsigned char> bytes(sealed.nonce.begin(), sealed.nonce.end());
    bytes.insert(bytes.end(), sealed.bytes.begin(), sealed.bytes.end());
    ::sqlite3_bind_blob(insert, 2, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
    if (::sqlite3_step(insert) != SQLITE_DONE) std::abort();
    ::sqlite3_finalize(insert);
  }
  void done() {
    check(::sqlite3_exec(db_, "COMMIT", nullptr, nullptr, nullptr));
    check(::sqlite3_prepare_v2(db_, "SELECT b FROM t WHERE id = ?", -1, &select_, nullptr));
  }
  void begin() { check(::sqlite3_exec(db_, "BEGIN", nullptr, nullptr, nullptr)); }
  void end() { check(::sqlite3_exec(db_, "COMMIT", nullptr, nullptr, nullptr)); }
  void open_one(const std::array<unsigned char, 24>& id) {
    ::sqlite3_bind_blob(select_, 1, id.data(), 24, SQLITE_STATIC);
    if (::sqlite3_step(select_) != SQLITE_ROW) std::abort();
    const auto* bytes = static_cast<const unsigned char*>(::sqlite3_column_blob(select_, 0));
    const auto size = static_cast<std::size_t>(::sqlite3_column_bytes(select_, 0));
    static const Key zero{};
    static std::vector<unsigned char> plain(1 << 17);
    if (::crypto_aead_xchacha20poly1305_ietf_decrypt(plain.data(), nullptr, nullptr, bytes + 24, size - 24,
                                                     nullptr, 0, bytes, zero.data()) != 0)
      std::abort();
    ::sqlite3_reset(select_);
  }

 private:
  static void check(int code) {
    if (code != SQLITE_OK) std::abort();
  }
  sqlite3* db_ = nullptr;
  sqlite3_stmt* select_ = nullptr;
};

void uncached(int count) {
  const test::TempDir folder;
  auto vault = Vault::open(fill(sqlite_store(folder / "v.db"), count), key()).value();
  const auto names = shuffled_names(count);
  ByHand hand(folder / "hand.db");
  std::vector<std::array<unsigned char, 24>> branches(272), leaves(4096),
      records(static_cast<std::size_t>(count));
  const auto fill_ids = [&](auto& ids, std::size_t size) {
    for (auto& id : ids) {
      ::randombytes_buf(id.data(), id.size());
      hand.add(id, size);
    }
  };
  fill_ids(branches, 2048);
  fill_ids(leaves, 4096);
  fill_ids(records, 64);
  hand.done();
  std::size_t i = 0, j = 0;
  const int kGets = count / 20;
  compare(
      fmt::format("uncached get, sqlite, {} tokens (4 selects, 4 openings)", count), 1.5, 15, kGets,
      [&] {
        for (int n = 0; n < kGets; ++n)
          if (!vault.get(names[i++])) std::abort();
      },
      [&] {
        for (int n = 0; n < kGets; ++n, ++j) {
          hand.begin();
          hand.open_one(branches[j % 16]);
          hand.open_one(branches[16 + j * 7 % 256]);
          hand.open_one(leaves[j * 31 % 4096]);
          hand.open_one(records[j * 101 % records.size()]);
          hand.end();
        }
      });
}

}  // namespace
}  // namespace tokenvault::bench

int main() {
  using namespace tokenvault;
  if (::sodium_init() < 0) return 1;
  for (const int count : {10, 1'000, 100'000}) {
    const test::TempDir folder;
    bench::warm("sqlite", bench::sqlite_store(folder / "v.db"), count);
    bench::warm("memory", open_memory_store().value(), count);
  }
  bench::uncached(100'000);
}
