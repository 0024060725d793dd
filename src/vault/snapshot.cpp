#include "vault/snapshot.hpp"

#include "core/try.hpp"

namespace tokenvault {
namespace {

Status check_copy(Store& target, const Bytes& root, const std::vector<Blob>& blobs) {
  TV_TRY(const auto copied, target.root());
  if (copied.bytes != root) return Error(Errc::already_exists, "there is another vault in the copy's place");
  for (const auto& blob : blobs) {
    TV_TRY(const auto bytes, target.get(blob.id));
    if (bytes != blob.bytes) return Error(Errc::tampered, "the copy does not hold what was written to it");
  }
  return Ok{};
}

}  // namespace

Result<Snapshot> take_snapshot(NodeReader& nodes) {
  Snapshot taken;
  TV_TRY(taken.root, nodes.root());
  const auto keep = [&](const format::Pointer& pointer) -> Status {
    TV_TRY(auto bytes, nodes.blob(pointer));
    taken.blobs.push_back({pointer.id, std::move(bytes)});
    return Ok{};
  };
  TreeVisitor visitor;
  visitor.child = [&](const format::Child& child) { return keep(child.pointer); };
  visitor.entry = [&](const format::Entry& entry) -> Status {
    for (const auto& version : entry.versions) TV_CHECK(keep(version.record));
    taken.entries.push_back(entry);
    return Ok{};
  };
  TV_CHECK(walk_tree(nodes, visitor));
  return taken;
}

Status fill_store(Store& target, const Bytes& root, const std::vector<Blob>& blobs) {
  const auto done = target.commit({Revision::absent, root, blobs, {}});
  if (done) return check_copy(target, root, blobs);
  if (done.error().code() == Errc::conflict)
    return Error(Errc::already_exists, "there is a vault already where the copy was to go");
  if (done.error().code() != Errc::in_doubt) return done.error();
  // Looking settles the doubt one way; where nothing is seen it may still come.
  const auto seen = check_copy(target, root, blobs);
  return seen || seen.error().code() == Errc::already_exists ? seen : Status(done.error());
}

}  // namespace tokenvault
