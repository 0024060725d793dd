#pragma once

namespace tokenvault::test {

/// This process is killed in one of its fsyncs and fdatasyncs, counted from now: 1 is before the first took effect,
/// 2 after it, 3 before the second. Who commits has the store's lock then, and half of its commit is on the disk. 0:
/// never.
void die_in_sync(int n);

}  // namespace tokenvault::test
