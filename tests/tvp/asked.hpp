#pragma once
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/temp_dir.hpp"
#include "support/vault_fixture.hpp"
#include "tokenvault/exec_provider.hpp"

namespace tokenvault::test {

inline std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline constexpr std::string_view kOldToken = "old-token-abcdefghij";
inline constexpr std::string_view kNewToken = "new-token-0123456789";
inline constexpr std::string_view kAdmin = "admin-secret-zyxwvut";

/// hostile.py under the name of one way of behaving, and what it was asked.
class Asked {
 public:
  explicit Asked(const std::string& way) : program_(folder_ / way) {
    std::filesystem::copy_file(TV_HOSTILE_PROGRAM, program_);
    REQUIRE(::chmod(program_.c_str(), 0700) == 0);
    auto opened = open_exec_provider(program_);
    REQUIRE(opened);
    provider_ = *std::move(opened);
    request.name = "acme/claimr";
    request.rotation = "0123456789abcdefghijkl";
    request.token = &token_;
    request.current = &current_;
    request.secrets = {{"admin", &admin_}};
    request.settings = {{"url", "https://provider.example"}};
    request.timeout = std::chrono::seconds(30);
  }

  Result<IssueAnswer> issue() {
    return provider_->issue(request, [this](SecretBuffer value) -> Status {
      if (keep_fails) return Error(Errc::conflict, "cannot keep it");
      kept.push_back(text_of(value));
      return Ok{};
    });
  }
  Provider& provider() { return *provider_; }
  [[nodiscard]] const std::string& program() const { return program_; }
  [[nodiscard]] std::string beside(const std::string& file) const { return folder_ / file; }

  ProviderRequest request;
  std::vector<std::string> kept;
  bool keep_fails = false;

 private:
  TempDir folder_;
  std::string program_;
  SecretBuffer token_ = secret(kOldToken), current_ = secret("current-token-klmnop"), admin_ = secret(kAdmin);
  std::unique_ptr<Provider> provider_;
};

}  // namespace tokenvault::test
