// The vaults of negative.json: each is refused with the answer of its layer, by docs/format.md section 7,
// and in the words of that layer.
#include <fstream>

#include "support/flat_container.hpp"
#include "support/temp_dir.hpp"
#include "support/vault_fixture.hpp"
#include "vectors.hpp"

namespace tokenvault::test {
namespace {

constexpr std::string_view kMac = "vault header: it was changed after it was written";

using Words = std::vector<std::string_view>;

/// How a layer answers: the code, and what the message begins with.
struct Answer {
  Errc code;
  Words words;
};

/// The layers that refuse at open().
const std::map<std::string, Answer> kOpening{
    {"container", {Errc::tampered, {"container: "}}},
    {"version", {Errc::unsupported, {"the vault is of another format version"}}},
    {"header", {Errc::tampered, {"vault header: "}}},
    {"cost", {Errc::refused, {"a passphrase slot asks for Argon2id parameters out of bounds"}}},
    {"slot", {Errc::wrong_key, {"no slot of the vault opens with this ", "the recovery code is mistyped"}}},
    {"mac", {Errc::tampered, {kMac}}},
    {"stale", {Errc::stale, {"the vault is an older copy", "the vault was replaced by another one"}}},
    {"history", {Errc::tampered, {"vault history: "}}},
    {"top", {Errc::tampered, {"vault top node: "}}},
};

/// What verify() writes of the layers below.
const std::map<std::string, Words> kWalking{
    {"node",
     {"a part of the index: vault node: ",
      "a part of the index: a part of the vault is missing from the store",
      "a part of the index: a stored blob is not the one the vault points to",
      "a part of the index: the vault has no key of epoch "}},
    {"tree",
     {"a part of the index: vault tree: ", "the index: one blob is pointed to twice",
      "the number of tokens in the index is wrong"}},
    {"record", {"token "}},
};

bool begins_with_one_of(std::string_view text, const Words& words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return text.starts_with(word); });
}

Bytes container_of(const Json& item) {
  if (item.contains("file")) return vector_file(item.at("file"));
  auto bytes = from_base64(item.at("base64"));
  bytes.resize(bytes.size() + item.value("zeros", std::size_t{0}));
  return bytes;
}

/// An anchors file that knows what the item says; none where it says nothing.
VaultOptions options_for(const Json& item, const TempDir& folder) {
  VaultOptions options;
  if (!item.contains("anchor")) return options;
  const auto& anchor = item.at("anchor");
  options.anchors = folder / "anchors";
  std::ofstream(options.anchors) << anchor.at("vault_id").get<std::string>() << ' ' << anchor.at("generation")
                                 << ' ' << anchor.at("digest").get<std::string>() << '\n';
  return options;
}

Result<Vault> open(const Json& item) {
  const TempDir folder;
  auto dump = from_one_piece(container_of(item));
  if (!dump) return dump.error();
  const auto key = key_of(item.at("key"));
  if (!key) return key.error();
  return Vault::open(std::make_unique<LawlessStore>(*std::move(dump)), *key, options_for(item, folder));
}

void check_answer(const Error& error, const Answer& answer) {
  CHECK(error.code() == answer.code);
  CHECK_MESSAGE(begins_with_one_of(error.message(), answer.words), error.message());
}

/// The token and version that a fault of a record names.
struct Named {
  std::string name;
  std::uint32_t version;
};

Named named_in(const std::string& what) {
  const std::string before = "token ", between = ", version ";
  const auto comma = what.find(between);
  REQUIRE(comma != std::string::npos);
  return {what.substr(before.size(), comma - before.size()),
          static_cast<std::uint32_t>(std::stoul(what.substr(comma + between.size())))};
}

void check_damaged_records(const Vault& vault, const std::vector<Fault>& faults) {
  for (const auto& fault : faults) {
    const auto named = named_in(fault.what);
    CHECK(code_of(vault.get(named.name, {.number = named.version, .expired_ok = true})) == Errc::tampered);
  }
}

/// Nobody can say which tokens were below a damaged node, but some names lead there. None of them is
/// "not found" for that, and nothing that is no value of the vault is handed out.
void check_damaged_nodes(const Vault& vault) {
  CHECK(code_of(vault.list()) == Errc::tampered);
  int tampered = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto value = vault.get("svc/" + std::to_string(i), {.expired_ok = true});
    if (value)
      CHECK(text_of(value).starts_with("FAKE-"));
    else if (value.error().code() == Errc::tampered)
      ++tampered;
    else
      CHECK(value.error().code() == Errc::not_found);
  }
  CHECK(tampered > 0);
}

/// All are of the layer; but an id that occurs twice cannot be right in both places, so that there
/// the layer below has its say too.
void check_faults(const std::string& layer, const std::vector<Fault>& faults) {
  int fitting = 0;
  for (const auto& fault : faults) {
    CHECK(fault.code == Errc::tampered);
    const bool fits = begins_with_one_of(fault.what, kWalking.at(layer));
    fitting += fits ? 1 : 0;
    if (layer != "tree") CHECK_MESSAGE(fits, fault.what);
  }
  CHECK_MESSAGE(fitting > 0, faults.front().what);
}

/// Opens, and is then found by whoever walks. The body in the top node is walked by open() already.
void check_walk(const std::string& layer, const Result<Vault>& opened) {
  if (!opened && layer == "tree") return check_answer(opened.error(), {Errc::tampered, {"vault tree: "}});
  REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message()));
  const auto report = opened->verify();
  REQUIRE(report);
  REQUIRE_FALSE(report->faults.empty());
  check_faults(layer, report->faults);
  if (layer == "record") check_damaged_records(*opened, report->faults);
  if (layer == "node") check_damaged_nodes(*opened);
}

void check_item(const Json& item) {
  const auto name = item.at("name").get<std::string>();
  const auto layer = item.at("layer").get<std::string>();
  CAPTURE(layer);
  CAPTURE(name);
  const auto opened = open(item);
  if (kWalking.contains(layer)) return check_walk(layer, opened);
  REQUIRE_FALSE(opened.has_value());
  check_answer(opened.error(), kOpening.at(layer));
  if (layer == "header") CHECK(opened.error().message() != kMac);
}

TEST_CASE("every negative vector is refused by its layer") {
  std::map<std::string, int> layers;
  for (const auto& item : vectors_in("negative.json")) {
    check_item(item);
    ++layers[item.at("layer")];
  }
  CHECK(layers.size() == kOpening.size() + kWalking.size());
}

TEST_CASE("a look-up ends at the last digit of its path") {
  const auto items = vectors_in("negative.json");
  const auto item = std::ranges::find_if(
      items, [](const Json& vector) { return vector.at("name") == "branch below the last digit"; });
  REQUIRE(item != items.end());
  const auto vault = open(*item);
  REQUIRE(vault);
  const auto value = vault->get("a");
  REQUIRE_FALSE(value.has_value());
  check_answer(value.error(), {Errc::tampered, {"vault tree: too deep"}});
}

}  // namespace
}  // namespace tokenvault::test
