// All of it: every pair of blobs, every old blob in every place, every bit, every length.
#include "attacks/judge.hpp"
#include "tokenvault/environment.hpp"

namespace tokenvault::test {
namespace {

const Scene& scene() { return Scene::one(); }

/// The vault of the scene in memory, with a blob changed at a time.
class Changed {
 public:
  Changed() : cell_(std::make_shared<Cell>(Cell{scene().now(), 1})) {}

  [[nodiscard]] Bytes& blob(const BlobId& id) { return cell_->dump.blobs.at(id); }
  void put_back(const BlobId& id) { blob(id) = scene().now().blobs.at(id); }
  [[nodiscard]] Result<Vault> open() const {
    return Vault::open(std::make_unique<LooseStore>(cell_), Scene::key(), scene().options());
  }

  /// What `id` is there for cannot be had, and is not taken for absent.
  void expect_lost(Tally& tally, const BlobId& id) const {
    const auto vault = open();
    if (!vault) return tally.expect(false, "a change below the root keeps the vault from opening");
    if (const auto record = scene().records().find(id); record != scene().records().end()) {
      const auto& [name, number] = record->second;
      if (!scene().current().contains(name)) return expect_fault(tally, *vault);
      return tally.expect(ending_of(vault->get(name, {.number = number})) == Errc::tampered, "a record");
    }
    const auto& name = scene().nodes().at(id).front();
    tally.expect(ending_of(vault->info(name)) == Errc::tampered, "a node");
  }

 private:
  /// An erased token is not read: whoever looks at everything finds it.
  static void expect_fault(Tally& tally, const Vault& vault) {
    const auto report = vault.verify();
    tally.expect(report && !report->faults.empty() && report->faults[0].code == Errc::tampered, "verify");
  }

  std::shared_ptr<Cell> cell_;
};

TEST_CASE("every pair of blobs swapped") {
  Tally tally("every pair of blobs swapped");
  Changed at;
  const auto& blobs = scene().now().blobs;
  for (auto first = blobs.begin(); first != blobs.end(); ++first)
    for (auto second = std::next(first); second != blobs.end(); ++second) {
      std::swap(at.blob(first->first), at.blob(second->first));
      at.expect_lost(tally, first->first);
      at.expect_lost(tally, second->first);
      at.put_back(first->first);
      at.put_back(second->first);
    }
}

TEST_CASE("every old blob under every id that lives") {
  Tally tally("every old blob under every living id");
  std::map<BlobId, Bytes> old;
  for (const auto& copy : scene().history()) old.insert(copy.blobs.begin(), copy.blobs.end());
  REQUIRE(old.size() > scene().now().blobs.size() + 10);
  Changed at;
  for (const auto& [id, bytes] : scene().now().blobs) {
    for (const auto& [former, content] : old) {
      if (former == id) continue;
      at.blob(id) = content;
      at.expect_lost(tally, id);
    }
    at.put_back(id);
  }
}

TEST_CASE("every bit of every blob") {
  Tally tally("every bit of every blob flipped");
  Changed at;
  // Nine goes through all places in a byte.
  const std::size_t step = full_proof() ? 1 : 9;
  for (const auto& [id, bytes] : scene().now().blobs) {
    for (std::size_t bit = 0; bit < bytes.size() * 8; bit += step) {
      at.blob(id)[bit / 8] ^= std::byte{1} << (bit % 8);
      at.expect_lost(tally, id);
      at.blob(id)[bit / 8] = bytes[bit / 8];
    }
  }
  if (!full_proof()) left_out("eight in nine bits of the blobs");
}

TEST_CASE("every blob cut at every length, and one byte longer") {
  Tally tally("every blob cut at every length");
  Changed at;
  for (const auto& [id, bytes] : scene().now().blobs) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      at.blob(id).assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
      at.expect_lost(tally, id);
    }
    at.blob(id) = bytes;
    at.blob(id).push_back(std::byte{0});
    at.expect_lost(tally, id);
    at.put_back(id);
  }
}

/// Whatever a vault in one piece was cut to: no vault, or one that misses what is not there.
void expect_cut(Tally& tally, const Result<std::unique_ptr<Store>>& store) {
  if (!store) return tally.expect(store.error().code() == Errc::tampered, "a cut container");
  tally.expect(true, "");
}

TEST_CASE("a vault in one piece cut at every length") {
  Tally tally("a vault in one piece cut at every length");
  const auto whole = scene().now().in_one_piece();
  std::size_t opened = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    auto store = open_sealed_store(BytesView(whole).first(size));
    expect_cut(tally, store);
    if (!store) continue;
    ++opened;
    const auto vault = Vault::open(*std::move(store), Scene::key(), scene().options());
    tally.expect(vault && !vault->verify()->faults.empty(), "blobs are missing, and nobody says so");
  }
  // Between any two blobs it may be cut unseen by who takes it apart; the vault sees it.
  CHECK(opened == scene().now().blobs.size());
}

}  // namespace
}  // namespace tokenvault::test
