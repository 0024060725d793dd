#pragma once
// What the vaults of tests stand on. The same tests run on this machine and, built another time, on etcd.
#ifdef TOKENVAULT_TEST_ON_ETCD
#include "support/etcd_ground.hpp"
#else
#include "support/local_ground.hpp"
#endif
