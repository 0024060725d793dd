#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/mutant.hpp"
#include "format/rotation.hpp"
#include "vault/impl.hpp"

namespace tokenvault {
namespace {

/// Walks one root to the last record and writes down what is wrong.
class Audit {
 public:
  Audit(Store& store, NodeReader& nodes) : store_(store), nodes_(nodes) {}

  Result<VerifyReport> run() {
    report_.nodes = 1;
    TreeVisitor visitor;
    visitor.entry = [&](const format::Entry& entry) { return entry_records(entry); };
    visitor.child = [&](const format::Child& child) {
      ++report_.nodes;
      return name_once(child.pointer.id);
    };
    visitor.broken = [&](const Error& error) { return note(error, "a part of the index"); };
    TV_CHECK(walk_tree(nodes_, visitor));
    const auto& top = nodes_.state().top;
    if (!mutated("verify.count") && report_.faults.empty() && report_.tokens != top.tokens)
      report_.faults.push_back({Errc::tampered, "the number of tokens in the index is wrong"});
    TV_CHECK(count_orphans());
    return std::move(report_);
  }

  Status note(const Error& error, std::string_view what) {
    // Being unable to look is no finding.
    if (error.code() != Errc::tampered) return error;
    report_.faults.push_back({error.code(), fmt::format("{}: {}", what, error.message())});
    return Ok{};
  }

 private:
  static constexpr std::size_t kPage = 1000;

  Status entry_records(const format::Entry& entry) {
    if (entry.listed()) ++report_.tokens;
    for (const auto& version : entry.versions) {
      TV_CHECK(name_once(version.record.id));
      const auto opened = record(entry, version);
      if (opened)
        ++report_.records;
      else if (nodes_.moved())
        return opened;
      else
        TV_CHECK(note(opened.error(), fmt::format("token {}, version {}", entry.name, version.number)));
    }
    TV_CHECK(check_field(entry, format::policy_of(entry)));
    return check_field(entry, format::rotation_of(entry));
  }

  /// A newer program's field is its own to judge.
  template <typename T>
  Status check_field(const format::Entry& entry, const Result<T>& read) {
    if (read || read.error().code() == Errc::unsupported) return Ok{};
    return note(read.error(), fmt::format("token {}", entry.name));
  }

  Status record(const format::Entry& entry, const format::Version& version) {
    TV_TRY(const auto sealed, nodes_.blob(version.record));
    TV_CHECK(nodes_.open(entry.name, version, sealed));
    return Ok{};
  }

  Status name_once(const BlobId& id) {
    if (named_.insert(id).second || mutated("verify.once")) return Ok{};
    return note(Error(Errc::tampered, "one blob is pointed to twice"), "the index");
  }

  Status count_orphans() {
    std::optional<BlobId> after;
    for (;;) {
      TV_TRY(const auto page, store_.list(after, kPage));
      for (const auto& id : page) report_.orphans += named_.contains(id) ? 0U : 1U;
      if (page.size() < kPage) return Ok{};
      after = page.back();
    }
  }

  Store& store_;
  NodeReader& nodes_;
  VerifyReport report_;
  std::set<BlobId> named_;
};

}  // namespace

Result<VerifyReport> Vault::Impl::verify() {
  return read<VerifyReport>([&](NodeReader& nodes) -> Result<VerifyReport> {
    nodes.forget_known();
    Audit audit(*store_, nodes);
    if (const auto engine = mutated("verify.engine") ? Status(Ok{}) : store_->check(); !engine)
      TV_CHECK(audit.note(engine.error(), "the store"));
    // What was opened from it may be right while the root in the store no longer is.
    const auto root = nodes.root();
    if (nodes.moved()) return root.error();
    if (!root) TV_CHECK(audit.note(root.error(), "the root"));
    return audit.run();
  });
}

}  // namespace tokenvault
