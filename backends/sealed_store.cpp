#include "container.hpp"
#include "core/try.hpp"
#include "tokenvault/backends.hpp"

namespace tokenvault {
namespace {

Error no_writing() { return {Errc::read_only, "this vault can only be read"}; }

/// Nothing here changes, so nothing needs a lock.
class SealedStore final : public Store {
 public:
  explicit SealedStore(Container content) : content_(std::move(content)) {}

  [[nodiscard]] Capabilities capabilities() const noexcept override {
    return {.writable = false, .durable = false, .shared = false, .wait = false};
  }
  Result<Root> root() override { return Root{content_.root, kOnly}; }
  Result<Bytes> get(const BlobId& id) override {
    const auto found = content_.blobs.find(id);
    if (found == content_.blobs.end()) return Error(Errc::not_found, "no such blob in this sealed vault");
    return found->second;
  }
  Result<Revision> commit(const Commit&) override { return no_writing(); }
  Result<std::vector<BlobId>> list(const std::optional<BlobId>& after, std::size_t limit) override {
    std::vector<BlobId> ids;
    auto at = after ? content_.blobs.upper_bound(*after) : content_.blobs.begin();
    for (; at != content_.blobs.end() && ids.size() < limit; ++at) ids.push_back(at->first);
    return ids;
  }
  Result<Revision> revision() override { return kOnly; }
  Status compact() override { return no_writing(); }

 private:
  static constexpr Revision kOnly{1};
  const Container content_;
};

Result<Container> container_of(Store& store) {
  constexpr std::size_t kPage = 1000;
  Container container;
  TV_TRY(auto root, store.root());
  container.root = std::move(root.bytes);
  std::optional<BlobId> after;
  for (;;) {
    TV_TRY(const auto page, store.list(after, kPage));
    for (const auto& id : page) {
      TV_TRY(container.blobs[id], store.get(id));
    }
    if (page.size() < kPage) return container;
    after = page.back();
  }
}

}  // namespace

Result<std::unique_ptr<Store>> open_sealed_store(BytesView bytes) {
  TV_TRY(auto content, parse_container(bytes));
  return std::unique_ptr<Store>(std::make_unique<SealedStore>(std::move(content)));
}

Result<Bytes> copy_sealed(Store& store) {
  const ReadScope scope(store);
  TV_TRY(const auto container, container_of(store));
  return encode(container);
}

}  // namespace tokenvault
