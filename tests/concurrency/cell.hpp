#pragma once
#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "concurrency/diary.hpp"
#include "support/blobs.hpp"

namespace tokenvault::test {

/// What one client knows of the root, which it reads and swaps by hand.
class Cell {
 public:
  Cell(Store& store, std::string name) : store_(store), name_(std::move(name)) {}

  /// The root with its blob; "torn" where it stays and its blob is not there.
  bool read() {
    Diary::call("root read");
    std::optional<Revision> torn;
    while (true) {
      const auto root = store_.root();
      if (!root && root.error().code() != Errc::no_vault) return fail(root.error());
      const auto seen = root ? text_of_root(root->bytes) : "-";
      at_ = root ? root->revision : Revision::absent;
      if (at_ == Revision::absent) return learn(seen);
      const auto blob = store_.get(blob_id_of(seen));
      if (blob) return learn(as_text(*blob) == seen ? seen : "torn");
      if (blob.error().code() != Errc::not_found) return fail(blob.error());
      if (torn == at_) return learn("torn");
      torn = at_;
    }
  }

  bool swap(int number) {
    const auto value = fmt::format("{}.{}", name_, number);
    Diary::call(fmt::format("root cas {} {}", known_, value));
    std::vector<BlobId> erase;
    if (at_ != Revision::absent) erase.push_back(blob_id_of(known_));
    const auto done = commit_to(store_, at_, value, {{blob_id_of(value), bytes_of(value)}}, erase);
    if (!done && done.error().code() != Errc::conflict) return fail(done.error());
    sure_ = done.has_value();
    Diary::done(done ? "ok" : "conflict");
    if (!done) return true;
    known_ = value;
    at_ = *done;
    return true;
  }

  /// Whether what it knows may still be so.
  [[nodiscard]] bool sure() const { return sure_; }
  [[nodiscard]] Revision at() const { return at_; }

 private:
  /// Values are unique, and so each is its blob's id as well.
  static BlobId blob_id_of(const std::string& value) {
    BlobId id;
    std::memcpy(id.bytes.data(), value.data(), std::min(value.size(), id.bytes.size()));
    return id;
  }
  bool fail(const Error& error) {
    Diary::failed(error);
    sure_ = false;
    return false;
  }
  bool learn(const std::string& seen) {
    known_ = seen;
    sure_ = true;
    Diary::done(seen);
    return true;
  }

  Store& store_;
  std::string name_, known_ = "-";
  Revision at_ = Revision::absent;
  bool sure_ = false;
};

}  // namespace tokenvault::test
