#pragma once
#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tokenvault.h"

namespace tokenvault::test {

/// What a vault holds, by our own account.
struct Model {
  std::map<std::string, std::vector<std::string>> values;
};

/// A handle that was given out once, and whether it is good still.
template <typename Handle>
struct Known {
  Handle* handle;
  bool open;
  std::size_t model;       // which vault it belongs to
  std::string name = {};   // leases
  std::string value = {};  // secrets
};

/// Calls of the C functions in any order, with any handles: good, freed, null, of another kind, invented; with structs of
/// any size. Each answers as a model of the vaults says, and a refused call changes nothing.
class Sequence {
 public:
  /// A number below the one that is given.
  using Choice = std::function<std::size_t(std::size_t end)>;

  explicit Sequence(Choice choice) : choice_(std::move(choice)) { make_vault(); }
  ~Sequence() {
    for (const auto& known : vaults_) tv_vault_free(known.handle);
    for (const auto& known : secrets_) tv_secret_free(known.handle);
    for (const auto& known : tokens_) tv_tokens_free(known.handle);
    for (const auto& known : leases_) tv_lease_free(known.handle);
  }
  Sequence(const Sequence&) = delete;
  Sequence& operator=(const Sequence&) = delete;

  void call() {
    switch (below(14)) {
      case 0: return make_vault();
      case 1: return close(vaults_, tv_vault_free);
      case 2: return close(secrets_, tv_secret_free);
      case 3: return close(tokens_, tv_tokens_free);
      case 4: return close(leases_, tv_lease_free);
      case 5: return put();
      case 6: return get();
      case 7: return read();
      case 8: return look_at_secret();
      case 9: return list();
      case 10: return look_at_tokens();
      case 11: return lease();
      case 12: return lease_get();
      default: return with_token();
    }
  }

 private:
  std::size_t below(std::size_t end) { return choice_(end); }
  bool one_in(std::size_t count) { return below(count) == 0; }

  std::string name() {
    static const std::vector<std::string> kNames{"a", "a/b", "acme/api", "\xC3\xA9"};
    static const std::vector<std::string> kBad{"", "/", "a//b", "..", std::string("a\0b", 3), "\xFF", "a\n"};
    return one_in(5) ? kBad[below(kBad.size())] : kNames[below(kNames.size())];
  }
  static bool is_good(const std::string& name) {
    return name == "a" || name == "a/b" || name == "acme/api" || name == "\xC3\xA9";
  }

  /// One of those known, or a number that is none of ours.
  template <typename Handle>
  std::pair<Handle*, Known<Handle>*> any(std::vector<Known<Handle>>& known) {
    if (!known.empty() && !one_in(6)) {
      auto& chosen = known[below(known.size())];
      return {chosen.handle, chosen.open ? &chosen : nullptr};
    }
    const std::uintptr_t inventions[] = {
        0,           1,
        7,           below(std::size_t{1} << 32),
        UINTPTR_MAX, vaults_.empty() ? 0 : reinterpret_cast<std::uintptr_t>(vaults_[0].handle) ^ 2};
    return {reinterpret_cast<Handle*>(inventions[below(6)]), nullptr};
  }
  template <typename Handle>
  bool is_open(const std::vector<Known<Handle>>& known, const Handle* handle) {
    for (const auto& one : known)
      if (one.open && one.handle == handle) return true;
    return false;
  }

  /// What every answer has to be: a status that exists, told in the error too.
  tv_status checked(tv_status status, const tv_error& error) {
    REQUIRE(status >= TV_OK);
    REQUIRE(status <= TV_E_REJECTED);
    if (status != TV_OK && error.struct_size == sizeof(error)) {
      REQUIRE(error.code == status);
      REQUIRE(error.message[0] != '\0');
    }
    return status;
  }
  tv_error error() {
    tv_error made = TV_ERROR_INIT;
    if (one_in(8)) made.struct_size = static_cast<std::uint32_t>(below(sizeof(made)));
    return made;
  }
  /// Now and then of a size that no version had.
  template <typename T>
  bool spoil(T& options) {
    if (!one_in(10)) return false;
    options.struct_size = one_in(2) ? static_cast<std::uint32_t>(below(sizeof(T))) : 1U << 20;
    return true;
  }

  void make_vault() {
    tv_open_options options = TV_OPEN_OPTIONS_INIT;
    const char key[32] = "the fuzzer's key";
    options.uri = one_in(8) ? "nowhere:at all" : "memory:";
    options.key = one_in(8) ? nullptr : key;
    options.key_size = one_in(8) ? below(40) : sizeof(key);
    const bool spoilt = spoil(options);
    auto told = error();
    tv_vault* vault = reinterpret_cast<tv_vault*>(&options);
    const bool good = !spoilt && options.uri[0] == 'm' && options.key != nullptr && options.key_size == 32;
    const auto status = checked(tv_create(&options, &vault, &told), told);
    REQUIRE((status == TV_OK) == good);
    REQUIRE((vault != nullptr) == good);
    if (!good) return;
    vaults_.push_back({vault, true, models_.size()});
    models_.emplace_back();
  }

  template <typename Handle, typename Free>
  void close(std::vector<Known<Handle>>& known, Free free) {
    const auto [handle, open] = any(known);
    if (open == nullptr && is_open(known, handle)) return;
    free(handle);
    if (open != nullptr) open->open = false;
  }

  void put() {
    const auto [handle, open] = any(vaults_);
    const auto key = name();
    const std::string value(one_in(12) ? 0 : 1 + below(40), static_cast<char>('a' + below(26)));
    auto told = error();
    tv_put_options options = TV_PUT_OPTIONS_INIT;
    const bool spoilt = spoil(options);
    const bool good = open != nullptr && !spoilt && is_good(key) && !value.empty();
    const auto status = checked(
        tv_put(handle, key.data(), key.size(), value.data(), value.size(), &options, nullptr, &told), told);
    REQUIRE((status == TV_OK) == good);
    if (good) models_[open->model].values[key].push_back(value);
  }

  /// The value that a vault has to give, if any.
  template <typename Handle>
  std::optional<std::string> expected(const Known<Handle>* open, const std::string& key) {
    if (open == nullptr) return std::nullopt;
    const auto& values = models_[open->model].values;
    const auto found = values.find(key);
    return found == values.end() ? std::nullopt : std::optional(found->second.back());
  }

  void get() {
    const auto [handle, open] = any(vaults_);
    const auto key = name();
    auto told = error();
    tv_get_options options = TV_GET_OPTIONS_INIT;
    const bool spoilt = spoil(options);
    tv_secret* secret = reinterpret_cast<tv_secret*>(&options);
    const auto wanted = spoilt ? std::nullopt : expected(open, key);
    const auto status = checked(tv_get(handle, key.data(), key.size(), &options, &secret, &told), told);
    REQUIRE((status == TV_OK) == wanted.has_value());
    REQUIRE((secret != nullptr) == wanted.has_value());
    if (wanted) secrets_.push_back({secret, true, open->model, {}, *wanted});
  }

  void read() {
    const auto [handle, open] = any(vaults_);
    const auto key = name();
    auto told = error();
    char buffer[40];
    const auto capacity = below(sizeof(buffer) + 1);
    size_t size = SIZE_MAX;
    const auto wanted = expected(open, key);
    const auto status = checked(
        tv_read(handle, key.data(), key.size(), nullptr, buffer, capacity, &size, nullptr, &told), told);
    REQUIRE((status == TV_OK) == (wanted && wanted->size() <= capacity));
    if (status == TV_OK) REQUIRE(std::string(buffer, size) == *wanted);
  }

  void look_at_secret() {
    const auto [handle, open] = any(secrets_);
    if (open == nullptr && is_open(secrets_, handle)) return;
    const auto* bytes = static_cast<const char*>(tv_secret_data(handle));
    const auto size = tv_secret_size(handle);
    REQUIRE((bytes != nullptr) == (open != nullptr));
    REQUIRE((tv_secret_version(handle) != 0) == (open != nullptr));
    if (open != nullptr) REQUIRE(std::string(bytes, size) == open->value);
  }

  void list() {
    const auto [handle, open] = any(vaults_);
    auto told = error();
    tv_tokens* tokens = nullptr;
    const bool one = one_in(2);
    const auto key = name();
    const auto status = checked(one ? tv_info(handle, key.data(), key.size(), &tokens, &told)
                                    : tv_list(handle, nullptr, 0, &tokens, &told),
                                told);
    const bool good = one ? expected(open, key).has_value() : open != nullptr;
    REQUIRE((status == TV_OK) == good);
    if (!good) return;
    REQUIRE(tv_tokens_count(tokens) == (one ? 1 : models_[open->model].values.size()));
    tokens_.push_back({tokens, true, open->model});
  }

  void look_at_tokens() {
    const auto [handle, open] = any(tokens_);
    if (open == nullptr && is_open(tokens_, handle)) return;
    auto told = error();
    tv_token_info info = TV_TOKEN_INFO_INIT;
    tv_version_info version = TV_VERSION_INFO_INIT;
    const bool spoilt = spoil(info);
    const auto index = one_in(4) ? SIZE_MAX : below(4);
    const bool there = open != nullptr && index < tv_tokens_count(handle);
    const auto status = checked(tv_tokens_at(handle, index, &info, &told), told);
    REQUIRE((status == TV_OK) == (there && !spoilt));
    if (status == TV_OK) REQUIRE(models_[open->model].values.contains(info.name));
    checked(tv_tokens_version(handle, index, below(5), &version, &told), told);
  }

  void lease() {
    const auto [handle, open] = any(vaults_);
    const auto key = name();
    auto told = error();
    tv_lease* made = nullptr;
    const auto status = checked(tv_lease_open(handle, key.data(), key.size(), &made, &told), told);
    REQUIRE((status == TV_OK) == (open != nullptr && is_good(key)));
    if (status == TV_OK) leases_.push_back({made, true, open->model, key});
  }

  void lease_get() {
    const auto [handle, open] = any(leases_);
    if (open == nullptr && is_open(leases_, handle)) return;
    auto told = error();
    tv_secret* secret = nullptr;
    const auto wanted = open == nullptr ? std::nullopt : expected(open, open->name);
    const auto status = checked(tv_lease_get(handle, &secret, &told), told);
    REQUIRE((status == TV_OK) == wanted.has_value());
    if (wanted) secrets_.push_back({secret, true, open->model, {}, *wanted});
  }

  void with_token() {
    const auto [handle, open] = any(vaults_);
    const auto key = name();
    auto told = error();
    std::int32_t verdict = -1;
    // Ends what it is being called for: the call holds on to it.
    struct Use {
      Sequence& sequence;
      tv_vault* handle;
      std::int32_t answer;
      int calls = 0;
    } use{*this, one_in(3) ? handle : nullptr, static_cast<std::int32_t>(below(5)) - 1};
    const auto wanted = expected(open, key);
    const tv_use callback = [](void* user, const void* value, size_t size, uint32_t version) -> std::int32_t {
      auto& mine = *static_cast<Use*>(user);
      ++mine.calls;
      REQUIRE(value != nullptr);
      REQUIRE(size > 0);
      REQUIRE(version > 0);
      tv_vault_free(mine.handle);
      return mine.answer;
    };
    const auto status = checked(
        tv_with_token(handle, key.data(), key.size(), one_in(9) ? nullptr : callback, &use, &verdict, &told),
        told);
    if (use.calls > 0 && use.handle != nullptr && open != nullptr) open->open = false;
    REQUIRE((status == TV_OK) == (use.calls > 0));
    if (use.calls > 0) REQUIRE(wanted.has_value());
  }

  Choice choice_;
  std::vector<Model> models_;
  std::vector<Known<tv_vault>> vaults_;
  std::vector<Known<tv_secret>> secrets_;
  std::vector<Known<tv_tokens>> tokens_;
  std::vector<Known<tv_lease>> leases_;
};

}  // namespace tokenvault::test
