// etcd, by its own keys: whoever has a client certificate for the prefix writes what they like.
#include <array>

#include "attacks/medium.hpp"
#include "support/etcd_control.hpp"

namespace tokenvault::test {
namespace {

using Keys = std::map<std::string, std::string>;

class InEtcd final : public Medium {
 public:
  Result<std::unique_ptr<Store>> open() override { return place_.open(); }
  void plant(const Dump& dump) override {
    const auto there = control_.below(prefix());
    const auto wanted = keys_of(dump);
    for (const auto& [key, value] : there)
      if (!wanted.contains(key)) control_.erase(key);
    for (const auto& [key, value] : wanted)
      if (const auto found = there.find(key); found == there.end() || found->second != value)
        control_.put(key, value);
  }
  bool drop_root() override {
    control_.erase(prefix() + "root");
    control_.erase(prefix() + "revision");
    return true;
  }
  Bytes seen() override {
    Writer all;
    for (const auto& [key, value] : control_.below(prefix())) {
      all.text(key);
      all.u32(static_cast<std::uint32_t>(value.size()));
      all.text(value);
    }
    return all.take();
  }

 private:
  [[nodiscard]] std::string prefix() const { return "/" + place_.prefix() + "/"; }
  Keys keys_of(const Dump& dump) {
    Writer revision;
    revision.u64(++revision_);
    Keys keys{{prefix() + "root", std::string(as_text(dump.root))},
              {prefix() + "revision", std::string(as_text(revision.view()))}};
    for (const auto& [id, bytes] : dump.blobs)
      keys[prefix() + "blob/" + EtcdControl::hex(as_text(id.bytes))] = as_text(bytes);
    return keys;
  }

  EtcdPlace place_;
  EtcdControl control_;
  std::uint64_t revision_ = 0x0102030405060708;
};

constexpr std::array<std::string_view, 1> kMedia{"etcd"};

}  // namespace

std::span<const std::string_view> media() { return kMedia; }
std::unique_ptr<Medium> make_medium(std::string_view) { return std::make_unique<InEtcd>(); }

}  // namespace tokenvault::test
