#include "support/etcd_place.hpp"

using namespace tokenvault::test;

TV_STORE_CONTRACT(EtcdPlace)
