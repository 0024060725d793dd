#include <fmt/format.h>

#include "../try.hpp"
#include "token_reader.hpp"

namespace tokenvault::cli {
namespace {

class VaultReader final : public TokenReader {
 public:
  VaultReader(Vault vault, std::vector<TokenInfo> tokens)
      : vault_(std::move(vault)), tokens_(std::move(tokens)) {}

  Result<std::optional<FileToken>> next() override {
    if (at_ == tokens_.size()) return std::optional<FileToken>();
    const auto& info = tokens_[at_++];
    FileToken found;
    found.verbatim = true;
    found.token.name = info.name;
    found.token.expires = info.expires;
    if (!info.label.empty()) found.token.label = info.label;
    // By its number, so that value, expiry and label are of one version.
    TV_TRY(found.token.value, vault_.get(info.name, {Stage::current, info.version, true}));
    return std::optional(std::move(found));
  }

  std::string place() const override { return fmt::format("token {}", tokens_[at_ - 1].name); }

 private:
  Vault vault_;
  std::vector<TokenInfo> tokens_;
  std::size_t at_ = 0;
};

}  // namespace

Result<std::unique_ptr<TokenReader>> read_vault(Vault vault) {
  TV_TRY(auto tokens, vault.list());
  return std::make_unique<VaultReader>(std::move(vault), std::move(tokens));
}

}  // namespace tokenvault::cli
