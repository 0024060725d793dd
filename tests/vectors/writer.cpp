// Writes vaults with the library, by its public headers alone, and what is in them as library.json:
//   writer DIR
// check_vectors.py --library DIR then reads both with the reader that knows nothing of the library.
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "support/fake_clock.hpp"
#include "tokenvault/vault.hpp"

namespace tokenvault::test {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kStart = 1'700'000'000;

std::span<const std::byte> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

SecretBuffer secret(std::string_view text) { return SecretBuffer::copy_of(bytes_of(text)).value(); }

std::string text_of(const SecretBuffer& buffer) {
  return {reinterpret_cast<const char*>(buffer.expose().data()), buffer.size()};
}

std::string hex(std::span<const std::byte> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    text += kDigits[std::to_integer<unsigned>(byte) >> 4];
    text += kDigits[std::to_integer<unsigned>(byte) & 15];
  }
  return text;
}

std::string base64(std::string_view text) {
  constexpr std::size_t kPart = 3 * 1024;  // base64_encode takes less than a value may have
  std::string all;
  for (; !text.empty(); text.remove_prefix(std::min(kPart, text.size())))
    all += text_of(base64_encode(secret(text.substr(0, kPart))).value());
  return all;
}

KeySource raw_key(char fill) { return KeySource::raw_key(secret(std::string(32, fill))).value(); }
Json raw_item(char fill) { return {{"raw", hex(bytes_of(std::string(32, fill)))}}; }

/// One vault in a database of its own, and what was put into it.
class Written {
 public:
  Written(std::string folder, std::string file)
      : folder_(std::move(folder)),
        file_(std::move(file)),
        vault_(make()),
        keys_(Json::array({raw_item('k')})) {}

  [[nodiscard]] Vault& vault() { return vault_; }
  void add_key(Json key) { keys_.push_back(std::move(key)); }

  void put(const std::string& name, const std::string& value, const PutOptions& options = {}) {
    clock_.advance(std::chrono::seconds(1));
    values_[name][vault_.put(name, secret(value), options).value()] = value;
  }

  void put_all(const std::vector<std::string>& names, const std::string& value) {
    auto next = names.begin();
    const auto source = [&]() -> Result<std::optional<NewToken>> {
      if (next == names.end()) return std::optional<NewToken>();
      return std::optional(NewToken{*next++, secret(value)});
    };
    vault_.put_all(source).value();
    for (const auto& name : names) values_[name][vault_.info(name).value().version] = value;
  }
  void roll_back(const std::string& name, std::uint32_t to) {
    values_[name][vault_.rollback(name, to).value()] = values_[name].at(to);
  }
  void erase(const std::string& name) {
    auto& entry = unlisted_[name] = entry_item(name, values_.at(name));
    entry["removed"] = true;
    entry["wake"] = nullptr;
    values_.erase(name);
    vault_.erase(name).value();
  }
  void destroy(const std::string& name) {
    unlisted_[name] = {{"removed", false},         {"destroyed", true},
                       {"label", nullptr},         {"last", values_.at(name).rbegin()->first},
                       {"wake", nullptr},          {"fields", Json::object()},
                       {"versions", Json::array()}};
    values_.erase(name);
    vault_.destroy(name).value();
  }
  /// By docs/format.md, field 4: version u32 | since u64.
  void mark_suspect(const std::string& name) {
    const std::uint64_t words[] = {values_.at(name).rbegin()->first, static_cast<std::uint64_t>(kStart)};
    std::string field;
    for (std::size_t i = 0; i < 12; ++i)
      field += static_cast<char>(i < 4 ? words[0] >> 8 * i : words[1] >> 8 * (i - 4));
    clock_.set(kStart);
    vault_.mark_suspect(name, static_cast<std::uint32_t>(words[0])).value();
    fields_[name] = {{"4", hex(bytes_of(field))}};
  }

  [[nodiscard]] Json item() const {
    const auto info = vault_.info().value();
    Json item = {{"file", file_},
                 {"keys", keys_},
                 {"vault_id", hex(info.vault_id)},
                 {"generation", info.generation},
                 {"epoch", info.epoch},
                 {"tokens", values_.size()},
                 {"orphans", Json::array()},
                 {"slots", Json::array()},
                 {"entries", Json::object()}};
    for (const auto& slot : info.slots) item["slots"].push_back(slot_item(slot));
    for (const auto& [name, values] : values_) item["entries"][name] = entry_item(name, values);
    for (const auto& [name, fields] : fields_) item["entries"][name]["fields"] = fields;
    for (const auto& [name, entry] : unlisted_) item["entries"][name] = entry;
    return item;
  }

 private:
  using Values = std::map<std::uint32_t, std::string>;

  [[nodiscard]] VaultOptions options() const {
    VaultOptions chosen;
    chosen.clock = &clock_;
    return chosen;
  }

  Vault make() const {
    auto store = open_sqlite_store(folder_ + "/" + file_, {.create = true}).value();
    return Vault::create(std::move(store), raw_key('k'), options()).value();
  }

  static Json slot_item(const SlotInfo& slot) {
    return {{"type", static_cast<int>(slot.kind)},
            {"id", hex(slot.id)},
            {"created", slot.created.time_since_epoch().count()},
            {"label", slot.label}};
  }

  [[nodiscard]] Json entry_item(const std::string& name, const Values& values) const {
    const auto info = vault_.info(name).value();
    Json entry = {{"removed", false},
                  {"destroyed", false},
                  {"last", values.rbegin()->first},
                  {"versions", Json::array()}};
    entry["label"] = info.label.empty() ? Json(nullptr) : Json(info.label);
    entry["wake"] = info.expires ? Json(info.expires->time_since_epoch().count()) : Json(nullptr);
    for (const auto& version : info.versions)
      entry["versions"].push_back(
          {{"number", version.number},
           {"stage", to_string(version.stage)},
           {"created", version.created.time_since_epoch().count()},
           {"expires", version.expires ? version.expires->time_since_epoch().count() : 0},
           {"value", base64(values.at(version.number))}});
    return entry;
  }

  std::string folder_, file_;
  FakeClock clock_{kStart};
  Vault vault_;
  Json keys_;
  std::map<std::string, Values> values_;
  std::map<std::string, Json> unlisted_, fields_;
};

Time at(std::int64_t seconds) { return Time(std::chrono::seconds(seconds)); }

/// One node: labels, expiries, sizes around the padding, the largest value, names of all sorts.
Json small(const std::string& folder) {
  Written at_hand(folder, "small.db");
  at_hand.put("a", "x");
  at_hand.put("db/primary/password", "one",
              {.expires = at(kStart + 86'400), .label = "the label \u2014 \u00e9t\u00e9"});
  at_hand.put("db/primary/password", "two", {.expires = at(kStart + 172'800)});
  at_hand.put("db/primary/password", "three");
  at_hand.put("\u5bc6\u9470/\u00e9", std::string("\0\x80\xff\n", 4));
  at_hand.put(std::string(255, 'n'), "of the longest name", {.label = std::string(255, 'l')});
  for (const int size : {62, 63, 64, 65, 127, 128})
    at_hand.put("size/" + std::to_string(size), std::string(static_cast<std::size_t>(size), 's'));
  at_hand.put("largest", std::string(kMaxSecretSize, '\x80'));
  at_hand.put("zeros", std::string(200, '\0'));
  return at_hand.item();
}

/// A tree of several levels.
Json split(const std::string& folder) {
  Written at_hand(folder, "split.db");
  for (int i = 0; i < 300; ++i) {
    PutOptions options;
    if (i % 3 == 0) options.expires = at(kStart + 1'000'000 + i * 60);
    if (i % 5 != 0) options.label = std::string(200, 'l');
    at_hand.put("org/service-" + std::to_string(i), "value " + std::to_string(i), options);
  }
  return at_hand.item();
}

/// More versions of one token than are kept.
Json versions(const std::string& folder) {
  Written at_hand(folder, "versions.db");
  for (int i = 1; i <= 110; ++i) {
    PutOptions options;
    if (i % 2 == 0) options.expires = at(kStart + 1'000'000 + i);
    at_hand.put("often", "value " + std::to_string(i), options);
  }
  at_hand.put("once", "value");
  return at_hand.item();
}

/// Three epochs; nodes and records of the first two stay where they are.
Json epochs(const std::string& folder) {
  Written at_hand(folder, "epochs.db");
  for (int i = 0; i < 80; ++i)
    at_hand.put("t/" + std::to_string(i), "first", {.label = std::string(100, 'l')});
  for (int epoch = 2; epoch <= 3; ++epoch) {
    at_hand.vault().rotate_master().value();
    for (int i = 0; i < 4; ++i)
      at_hand.put("t/" + std::to_string(epoch * 10 + i), "epoch " + std::to_string(epoch));
  }
  return at_hand.item();
}

/// Every kind of slot, before and after a new master key.
Json slots(const std::string& folder, bool rotated) {
  Written at_hand(folder, rotated ? "slots-rotated.db" : "slots.db");
  auto& vault = at_hand.vault();
  const auto words =
      KeySource::passphrase(secret("not a real passphrase"), {.passes = 3, .memory_kib = 65'536}).value();
  const auto pair = make_key_pair().value();
  const auto second = raw_key('r');
  at_hand.put("a", "one");
  vault.add_key(words, "words \u00e9").value();
  vault.add_key(second).value();
  vault.add_recipient(pair.public_key, "somebody").value();
  at_hand.add_key({{"recovery", text_of(vault.add_recovery("the safe").value())}});
  at_hand.add_key({{"passphrase", hex(bytes_of("not a real passphrase"))}});
  at_hand.add_key({{"x25519", hex(pair.private_key.expose())}});
  at_hand.add_key(raw_item('r'));
  if (rotated) vault.rotate_master({.keep = {&words, &second}}).value();
  if (rotated) at_hand.put("a", "two");
  return at_hand.item();
}

/// What may become of tokens, below one node and below many.
Json fates(const std::string& folder, int others) {
  Written at_hand(folder, "fates-" + std::to_string(others) + ".db");
  std::vector<std::string> names;
  for (int i = 0; i < others; ++i) names.push_back("t/" + std::to_string(i));
  at_hand.put_all(names, "of many");
  for (const std::string name : {"erased", "destroyed", "suspect", "rolled back", "erased, then put"}) {
    at_hand.put(name, "one", {.label = name == "suspect" ? "" : name});
    at_hand.put(name, "two", {.expires = at(kStart + 86'400)});
  }
  at_hand.mark_suspect("suspect");
  at_hand.roll_back("rolled back", 1);
  at_hand.erase("erased");
  at_hand.destroy("destroyed");
  at_hand.vault().erase("erased, then put").value();
  at_hand.put("erased, then put", "three");
  return at_hand.item();
}

/// A vault without a token.
Json empty(const std::string& folder) { return Written(folder, "empty.db").item(); }

void write_all(const std::string& folder) {
  Json items{empty(folder),        small(folder),       split(folder),    versions(folder),  epochs(folder),
             slots(folder, false), slots(folder, true), fates(folder, 3), fates(folder, 400)};
  std::ofstream out(folder + "/library.json");
  out << Json{{"vectors", items}}.dump(1) << '\n';
  if (!out.flush()) throw std::runtime_error("cannot write library.json");
}

}  // namespace
}  // namespace tokenvault::test

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: writer DIR\n";
    return 2;
  }
  try {
    tokenvault::test::write_all(argv[1]);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "writer: " << error.what() << '\n';
    return 1;
  }
}
