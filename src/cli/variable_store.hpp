#pragma once
#include <string>
#include <string_view>

#include "tokenvault/backends.hpp"

namespace tokenvault::cli {

/// A place for a copy of a vault that is a variable somewhere else: its one commit writes to stdout what
/// the variable has to hold, `VARIABLE=value`, or a document with --json. What is printed is what counts:
/// where that fails, nothing was committed.
class VariableStore final : public Store {
 public:
  /// Errors: as open_memory_store.
  static Result<std::unique_ptr<Store>> make(std::string_view variable, std::string_view event, bool json);

  [[nodiscard]] Capabilities capabilities() const noexcept override { return memory_->capabilities(); }
  Result<Root> root() override { return memory_->root(); }
  Result<Bytes> get(const BlobId& id) override { return memory_->get(id); }
  /// Errors: also refused (longer than a program can be given).
  Result<Revision> commit(const Commit& commit) override;
  Result<std::vector<BlobId>> list(const std::optional<BlobId>& after, std::size_t limit) override {
    return memory_->list(after, limit);
  }
  Result<Revision> revision() override { return memory_->revision(); }

 private:
  VariableStore(std::unique_ptr<Store> memory, std::string_view variable, std::string_view event, bool json)
      : memory_(std::move(memory)), variable_(variable), event_(event), json_(json) {}
  std::unique_ptr<Store> memory_;
  std::string variable_;
  std::string event_;
  bool json_;
};

}  // namespace tokenvault::cli
