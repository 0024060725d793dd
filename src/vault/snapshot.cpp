#include "vault/snapshot.hpp"

#include "core/mutant.hpp"
#include "core/try.hpp"

namespace tokenvault {
namespace {

Error not_what_was_sent() { return {Errc::tampered, "the copy does not hold what was written to it"}; }

Status check_blobs(Store& target, const std::vector<Blob>& blobs) {
  for (const auto& blob : blobs) {
    const auto bytes = target.get(blob.id);
    if (bytes ? *bytes != blob.bytes : bytes.error().code() == Errc::not_found) return not_what_was_sent();
    if (!bytes) return bytes.error();
  }
  return Ok{};
}

/// Whether all of it is there, as `committed` if that is known: false where somebody else's root is.
Result<bool> check_copy(Store& target, const Bytes& root, const std::vector<Blob>& blobs,
                        const Result<Revision>& committed) {
  TV_TRY(const auto copied, target.root());
  const bool ours = committed && copied.revision == *committed;
  if (copied.bytes != root && !mutated("copy.root_read_back"))
    return ours ? Result<bool>(not_what_was_sent()) : false;
  const auto same = mutated("copy.blobs_read_back") ? Status(Ok{}) : check_blobs(target, blobs);
  if (same) return true;
  TV_TRY(const auto revision, target.revision());
  if (revision != copied.revision) return false;
  return same.error();
}

/// It was acknowledged: what cannot be looked at now is neither a copy to rely on nor one that is not there.
Error unread(const Error& error) {
  if (error.code() == Errc::tampered) return error;
  return {Errc::in_doubt, "the copy was written and cannot be read back: " + error.message(),
          error.os_error()};
}

}  // namespace

Result<Snapshot> take_snapshot(NodeReader& nodes) {
  nodes.forget_known();
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
  if (!done && done.error().code() == Errc::conflict)
    return Error(Errc::already_exists, "there is a vault already where the copy was to go");
  if (!done && done.error().code() != Errc::in_doubt) return done.error();
  const auto seen = check_copy(target, root, blobs, done);
  // Another root on top of an acknowledged one: a client has gone on with the copy already.
  if (done) return seen || mutated("copy.looks_again") ? Status(Ok{}) : unread(seen.error());
  // Seeing it settles the doubt one way; where nothing is seen it may still come.
  return seen && *seen ? Status(Ok{}) : done.error();
}

}  // namespace tokenvault
