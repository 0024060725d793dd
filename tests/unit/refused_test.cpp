// What the kernel refuses once in a lifetime: memory that must not be kept from a core or a child, a limit that cannot be
// read. This program has functions of its own in place of the C library's, which refuse as a test says.
#include "unit/refused.hpp"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdarg>

#include "support/forked.hpp"
#include "tokenvault/secret.hpp"

using tokenvault::test::Refused;

extern "C" {

void* mmap(void* at, std::size_t size, int access, int flags, int fd, off_t offset) noexcept {
  if (Refused::is((flags & MAP_SHARED) != 0 ? "mmap shared" : "mmap private")) return MAP_FAILED;
  return reinterpret_cast<void*>(::syscall(SYS_mmap, at, size, access, flags, fd, offset));
}

int mprotect(void* at, std::size_t size, int access) noexcept {
  if (Refused::is("mprotect")) return -1;
  return static_cast<int>(::syscall(SYS_mprotect, at, size, access));
}

int madvise(void* at, std::size_t size, int advice) noexcept {
  if (advice == MADV_DONTFORK && Refused::is("dontfork")) return -1;
  if (advice == MADV_DONTDUMP && Refused::is("dontdump")) return -1;
  return static_cast<int>(::syscall(SYS_madvise, at, size, advice));
}

int ftruncate(int fd, off_t size) noexcept {
  if (Refused::is("ftruncate")) return -1;
  return static_cast<int>(::syscall(SYS_ftruncate, fd, size));
}

int prctl(int option, ...) noexcept {
  if (Refused::is("prctl")) return -1;
  std::va_list rest;
  va_start(rest, option);
  const auto value = va_arg(rest, unsigned long);
  va_end(rest);
  return static_cast<int>(::syscall(SYS_prctl, option, value, 0L, 0L, 0L));
}

int getrlimit(__rlimit_resource_t resource, rlimit* limit) noexcept {
  if (Refused::is("getrlimit")) return -1;
  return static_cast<int>(::syscall(SYS_prlimit64, 0, resource, nullptr, limit));
}

int setrlimit(__rlimit_resource_t resource, const rlimit* limit) noexcept {
  if (Refused::is("setrlimit")) return -1;
  return static_cast<int>(::syscall(SYS_prlimit64, 0, resource, limit, nullptr));
}
}

namespace tokenvault::test {
namespace {

/// What a first secret got in a child, which has no memory for secrets yet, while `call` was refused.
Protection protection_without(const char* call, MemoryPolicy policy = MemoryPolicy::prefer) {
  const Refused refused(call, EAGAIN);
  if (!set_memory_policy(policy)) return {};
  const auto made = SecretBuffer::allocate(32);
  return protection();
}

TEST_CASE("where secret memory cannot be had, or would be shared with a child, memory is locked instead") {
  for (const char* call : {"ftruncate", "mmap shared", "dontfork"}) {
    CAPTURE(std::string(call));
    CHECK(in_child([&] {
            const auto got = protection_without(call);
            if (got.backing != Backing::locked || got.plain_bytes != 0) return 1;
            return got.dontfork == (call != std::string("dontfork")) && got.dontdump ? 0 : 2;
          }) == 0);
  }
}

TEST_CASE("memory that cannot be kept out of cores is told") {
  CHECK(in_child([] { return protection_without("dontdump").dontdump ? 1 : 0; }) == 0);
}

TEST_CASE("where no memory can be had at all, there is no secret, and its reason is told") {
  for (const char* call : {"mmap private", "mprotect"})
    for (const auto policy : {MemoryPolicy::prefer, MemoryPolicy::off, MemoryPolicy::require}) {
      CAPTURE(std::string(call));
      CHECK(in_child([&] {
              if (!set_memory_policy(policy, Backing::locked)) return 1;
              const Refused refused(call, ENOMEM);
              const auto made = SecretBuffer::allocate(32);
              if (made || made.error().code() != Errc::out_of_memory) return 2;
              return protection().backing == Backing::none ? 0 : 3;
            }) == 0);
    }
}

TEST_CASE("a process that cannot be hardened is told so, and does not say that it is") {
  for (const char* call : {"prctl", "getrlimit", "setrlimit"}) {
    CAPTURE(std::string(call));
    CHECK(in_child([&] {
            const Refused refused(call, EPERM);
            const auto went = harden_process();
            if (went || went.error().code() != Errc::io || went.error().os_error() != EPERM) return 1;
            return protection().hardened ? 2 : 0;
          }) == 0);
  }
}

TEST_CASE("a limit that cannot be read counts for none") {
  const Refused refused("getrlimit", EPERM);
  CHECK(protection().lock_limit == 0);
}

}  // namespace
}  // namespace tokenvault::test
