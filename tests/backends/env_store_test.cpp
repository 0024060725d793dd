// The contract for what can only be read, and sealed variables that are none.
#include <cstdlib>

#include "env/base64url.hpp"
#include "support/blobs.hpp"
#include "support/store_contract.hpp"
#include "tokenvault/backends.hpp"

namespace tokenvault::test {
namespace {

constexpr const char* kVariable = "TOKENVAULT_TEST_SEALED";

/// A vault in a variable: a memory store takes the commits in its stead.
class SealedVariable final : public StoreFixture {
 public:
  ~SealedVariable() override { ::unsetenv(kVariable); }
  Store* twin() override { return twin_.get(); }
  std::unique_ptr<Store> open() override {
    const auto value = encode_env_value(*twin_);
    REQUIRE(value);
    ::setenv(kVariable, value->c_str(), 1);
    auto store = open_env_store(kVariable);
    return store ? *std::move(store) : nullptr;
  }
  std::unique_ptr<Store> open_read_only() override { return open(); }

 private:
  std::unique_ptr<Store> twin_ = *open_memory_store();
};

/// The bytes of a vault, as plain variables end up in one: open_plain_environment() reads through this.
class SealedBytes final : public StoreFixture {
 public:
  Store* twin() override { return twin_.get(); }
  std::unique_ptr<Store> open() override {
    const auto bytes = copy_sealed(*twin_);
    REQUIRE(bytes);
    auto store = open_sealed_store(*bytes);
    return store ? *std::move(store) : nullptr;
  }
  std::unique_ptr<Store> open_read_only() override { return open(); }

 private:
  std::unique_ptr<Store> twin_ = *open_memory_store();
};

TV_STORE_CONTRACT(SealedVariable)
TV_STORE_CONTRACT(SealedBytes)

Errc code_with(const std::string& value) {
  ::setenv(kVariable, value.c_str(), 1);
  auto store = open_env_store(kVariable);
  ::unsetenv(kVariable);
  return store ? Errc{} : store.error().code();
}

std::string sample(std::size_t blob = 10) {
  const auto store = *open_memory_store();
  REQUIRE(commit_to(*store, Revision::absent, "one", {blob_of(1, std::string(blob, 'b')), blob_of(2, "x")}));
  const auto value = encode_env_value(*store);
  REQUIRE(value);
  return *value;
}

TEST_CASE("a variable that is cut, wrapped, padded or of other letters is tampered") {
  const auto value = sample();
  REQUIRE(code_with(value) == Errc{});
  const auto half = value.size() / 2;
  for (const auto& broken : {std::string(), value.substr(0, value.size() - 1), value.substr(0, half),
                             value + "=", value + "==", value + "A", value + "\n", " " + value,
                             value.substr(0, half) + "\n" + value.substr(half), value + value,
                             value.substr(0, half) + "+" + value.substr(half + 1),
                             value.substr(0, half) + "/" + value.substr(half + 1), std::string("AAAA"),
                             std::string(1, 'A'), std::string(200'000, 'A')})
    CHECK(code_with(broken) == Errc::tampered);
  auto newer = base64url_decode(value);
  REQUIRE(newer);
  (*newer)[7] = std::byte{9};
  CHECK(code_with(base64url_encode(*newer)) == Errc::unsupported);
}

TEST_CASE("every cut of a variable is noticed, or leaves whole blobs out, which the vault misses") {
  const auto value = sample();
  std::size_t whole = 0;
  for (std::size_t size = 0; size < value.size(); ++size) {
    const auto code = code_with(value.substr(0, size));
    CHECK((code == Errc::tampered || code == Errc{}));
    whole += code == Errc{} ? 1 : 0;
  }
  CHECK(whole == 2);  // without both blobs, without the second
}

/// A container made by hand of a root and of `blobs`, in the order given.
Bytes container_of(const std::vector<Blob>& blobs) {
  Writer out;
  out.raw(root_of("one"));
  for (const auto& blob : blobs) {
    out.raw(blob.id.bytes);
    out.u32(static_cast<std::uint32_t>(blob.bytes.size()));
    out.raw(blob.bytes);
  }
  return out.take();
}

/// What opening it says; empty for nothing.
std::string refusal_of(BytesView container) {
  const auto store = open_sealed_store(container);
  if (store) return {};
  CHECK(store.error().code() == Errc::tampered);
  return store.error().message();
}

TEST_CASE("blobs that are empty, over their limit, cut short or out of order make no container") {
  const auto whole = container_of({blob_of(1, "a"), blob_of(2, "b")});
  REQUIRE(refusal_of(whole).empty());
  REQUIRE(refusal_of(container_of({blob_of(1, std::string(kMaxBlobSize, 'b'))})).empty());
  const std::string size = "vault container: a blob is over its limit or empty";
  CHECK(refusal_of(container_of({blob_of(1, "")})) == size);
  CHECK(refusal_of(container_of({blob_of(1, "a"), blob_of(2, "")})) == size);
  CHECK(refusal_of(container_of({blob_of(1, std::string(kMaxBlobSize + 1, 'b'))})) == size);
  const std::string order = "vault container: its blobs are out of order";
  CHECK(refusal_of(container_of({blob_of(2, "b"), blob_of(1, "a")})) == order);
  CHECK(refusal_of(container_of({blob_of(1, "a"), blob_of(1, "a")})) == order);
  CHECK(refusal_of(container_of({blob_of(1, "a"), blob_of(1, "b")})) == order);
  CHECK(refusal_of(BytesView(whole).first(whole.size() - 1)) == "vault container: it is cut short");
}

TEST_CASE("letters stand for bytes one way only") {
  for (std::size_t size = 0; size < 70; ++size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 37 + size);
    const auto text = base64url_encode(bytes);
    CHECK(base64url_decode(text) == bytes);
    if (size % 3 == 0) continue;
    auto other = text;  // a last letter with a bit that belongs to no byte
    other.back() = other.back() == 'A' ? 'B' : static_cast<char>(other.back() + 1);
    const auto decoded = base64url_decode(other);
    CHECK((!decoded || *decoded != bytes));
  }
  CHECK(base64url_encode(bytes_of("\xfb\xff\xfe")) == "-__-");
  CHECK_FALSE(base64url_decode("AB"));
  CHECK(base64url_decode("AA") == Bytes(1));
}

TEST_CASE("a vault that no program could be given is refused where it is made") {
  const auto store = *open_memory_store();
  REQUIRE(commit_to(*store, Revision::absent, "one", {blob_of(1, std::string(100'000, 'b'))}));
  CHECK(encode_env_value(*store).error().code() == Errc::refused);
  CHECK(encode_env_value(**open_memory_store()).error().code() == Errc::no_vault);
}

TEST_CASE("a variable that is not set, or is none") {
  ::unsetenv(kVariable);
  CHECK(open_env_store(kVariable).error().code() == Errc::no_vault);
  for (const auto& name : {std::string(), std::string("A=B"), std::string("A\0B", 3)})
    CHECK(open_env_store(name).error().code() == Errc::invalid_argument);
}

TEST_CASE("the value stays where it is: it is ciphertext, and children may need it") {
  ::setenv(kVariable, sample().c_str(), 1);
  REQUIRE(open_env_store(kVariable));
  CHECK(std::getenv(kVariable) != nullptr);
  ::unsetenv(kVariable);
}

}  // namespace
}  // namespace tokenvault::test
