// A program that keeps its vault in etcd: one more library, and one more header.
#include <tokenvault/etcd.hpp>
#include <tokenvault/vault.hpp>

#include <cstdio>

using namespace tokenvault;

int main() {
  // Nobody is there to answer: that is known only once somebody is asked.
  auto store = open_etcd_store("http://127.0.0.1:1/acme", {});
  if (!store) return std::puts(store.error().message().c_str()), 1;
  const auto revision = (*store)->revision();
  std::puts(revision ? "somebody answered" : to_string(revision.error().code()).data());
  return 0;
}
