#pragma once
#include <doctest/doctest.h>

#include <map>
#include <memory>

#include "core/bytes.hpp"
#include "tokenvault/backends.hpp"

namespace tokenvault::test {

/// Everything in a store, laid open, so that a test can play whoever may write to it.
struct Dump {
  Bytes root;
  std::map<BlobId, Bytes> blobs;

  static Dump of(Store& store) {
    Dump dump;
    auto root = store.root();
    REQUIRE(root);
    dump.root = root->bytes;
    const auto ids = store.list(std::nullopt, 1'000'000);
    REQUIRE(ids);
    for (const auto& id : *ids) {
      auto bytes = store.get(id);
      REQUIRE(bytes);
      dump.blobs.emplace(id, *std::move(bytes));
    }
    return dump;
  }

  /// A new store that holds just this.
  [[nodiscard]] std::unique_ptr<Store> store() const {
    auto made = open_memory_store();
    REQUIRE(made);
    std::vector<Blob> put;
    for (const auto& [id, bytes] : blobs) put.push_back({id, bytes});
    REQUIRE((*made)->commit({Revision::absent, root, put, {}}));
    return *std::move(made);
  }

  /// The container in one piece of docs/format.md section 6.
  [[nodiscard]] Bytes in_one_piece() const {
    Writer out;
    out.raw(root);
    for (const auto& [id, bytes] : blobs) {
      out.raw(id.bytes);
      out.u32(static_cast<std::uint32_t>(bytes.size()));
      out.raw(bytes);
    }
    return out.take();
  }
};

}  // namespace tokenvault::test
