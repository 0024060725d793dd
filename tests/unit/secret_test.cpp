#include "tokenvault/secret.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <random>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "core/arena.hpp"
#include "core/secret_access.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TV_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TV_SANITIZED 1
#endif
#endif

using namespace tokenvault;

static_assert(!std::is_copy_constructible_v<SecretBuffer> && !std::is_copy_assignable_v<SecretBuffer>);
static_assert(std::is_nothrow_move_constructible_v<SecretBuffer>);

namespace {

constexpr std::size_t kMost = kMaxSecretSize + SecretAccess::kPadBlock;

SecretBuffer filled(std::size_t size, unsigned char with) {
  auto buffer = SecretBuffer::allocate(size);
  REQUIRE(buffer.has_value());
  const auto bytes = buffer->expose_writable();
  std::fill(bytes.begin(), bytes.end(), std::byte{with});
  return *std::move(buffer);
}

bool tail_is_intact(const SecretBuffer& buffer) {
  const auto padded = SecretAccess::padded(buffer);
  if (padded.size() != SecretAccess::padded_size(buffer.size())) return false;
  if (padded[buffer.size()] != std::byte{0x80}) return false;
  const auto rest = padded.subspan(buffer.size() + 1);
  return std::all_of(rest.begin(), rest.end(), [](std::byte b) { return b == std::byte{0}; });
}

bool all_are(std::span<const std::byte> bytes, unsigned char wanted) {
  return std::all_of(bytes.begin(), bytes.end(), [&](std::byte b) { return b == std::byte{wanted}; });
}

std::string text_of(const SecretBuffer& buffer) {
  return {reinterpret_cast<const char*>(buffer.expose().data()), buffer.expose().size()};
}

/// What `body` returns, run in a forked child; 100 and up: it did not end by itself.
template <typename F>
int in_child(F&& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 100 + WTERMSIG(status);
}

/// Lowers the limit on locked memory and gives up the privilege that ignores it.
[[maybe_unused]] bool limit_locking(rlim_t bytes) {
  const rlimit limit{bytes, bytes};
  if (setrlimit(RLIMIT_MEMLOCK, &limit) != 0) return false;
  return getuid() != 0 || setuid(65534) == 0;
}

/// A pipe's reading end, from which exactly `text` comes.
class Source {
 public:
  explicit Source(const std::string& text) {
    int ends[2];
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    fd_ = ends[0];
    writer_ = std::thread([end = ends[1], text] {
      for (std::size_t done = 0; done < text.size();) {
        const ssize_t n = write(end, text.data() + done, text.size() - done);
        if (n <= 0) break;
        done += static_cast<std::size_t>(n);
      }
      close(end);
    });
  }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  ~Source() {
    std::string rest(4096, ' ');
    while (read(fd_, rest.data(), rest.size()) > 0) {
    }
    writer_.join();
    close(fd_);
  }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_ = -1;
  std::thread writer_;
};

std::string pattern(std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('!' + i % 90);
  return text;
}

}  // namespace

TEST_CASE("a new buffer is zero and carries its padding") {
  for (const std::size_t size : {1UL, 31UL, 63UL, 64UL, 65UL, 127UL, 4096UL, kMaxSecretSize, kMost}) {
    CAPTURE(size);
    const auto buffer = SecretBuffer::allocate(size);
    REQUIRE(buffer.has_value());
    CHECK(buffer->size() == size);
    CHECK(all_are(buffer->expose(), 0));
    CHECK(tail_is_intact(*buffer));
  }
}

TEST_CASE("an empty buffer pads to one block") {
  const SecretBuffer none;
  CHECK(none.empty());
  CHECK(none.expose().empty());
  CHECK(tail_is_intact(none));
  const auto zero = SecretBuffer::allocate(0);
  REQUIRE(zero.has_value());
  CHECK(tail_is_intact(*zero));
}

TEST_CASE("sizes beyond the limit are refused") {
  const auto buffer = SecretBuffer::allocate(kMost + 1);
  REQUIRE(!buffer.has_value());
  CHECK(buffer.error().code() == Errc::invalid_argument);
}

TEST_CASE("truncate keeps the front, the padding, and nothing else") {
  for (const std::size_t from : {64UL, 200UL, 5000UL}) {
    for (const std::size_t to : {1UL, 10UL, 62UL, 63UL}) {
      CAPTURE(from);
      CAPTURE(to);
      auto buffer = filled(from, 0xaa);
      buffer.truncate(to);
      CHECK(buffer.size() == to);
      CHECK(all_are(buffer.expose(), 0xaa));
      CHECK(tail_is_intact(buffer));
    }
  }
  auto buffer = filled(100, 0xaa);
  buffer.truncate(200);
  CHECK(buffer.size() == 100);
  buffer.truncate(0);
  CHECK(buffer.empty());
  CHECK(tail_is_intact(buffer));
}

#ifndef TV_SANITIZED
TEST_CASE("freed memory is zero") {
  for (const std::size_t size : {16UL, 64UL, 1000UL, kMaxSecretSize}) {
    CAPTURE(size);
    auto buffer = filled(size, 0x5a);
    const std::span<const std::byte> cell = SecretAccess::padded(buffer);
    SUBCASE("wiped") { buffer.wipe(); }
    SUBCASE("moved over") { buffer = SecretBuffer(); }
    SUBCASE("destroyed") { const SecretBuffer last = std::move(buffer); }
    CHECK(all_are(cell, 0));
  }
}

TEST_CASE("what truncate gives up is zero") {
  auto buffer = filled(1000, 0x5a);
  const std::span<const std::byte> cell = SecretAccess::padded(buffer);
  buffer.truncate(10);
  CHECK(all_are(cell.subspan(SecretAccess::padded_size(10)), 0));
}
#endif

TEST_CASE("moving takes the bytes and leaves nothing") {
  auto first = filled(40, 0x11);
  const std::byte* cell = first.expose().data();
  SecretBuffer second = std::move(first);
  CHECK(first.empty());  // NOLINT: what a moved-from buffer holds is the contract
  CHECK(first.expose().empty());
  CHECK(second.expose().data() == cell);
  auto third = filled(50, 0x22);
  third = std::move(second);
  CHECK(third.size() == 40);
  CHECK(all_are(third.expose(), 0x11));
  CHECK(tail_is_intact(third));
}

TEST_CASE("copies are equal and apart") {
  for (const std::size_t size : {1UL, 7UL, 8UL, 9UL, 63UL, 64UL, 32768UL}) {
    CAPTURE(size);
    const std::string text = pattern(size);
    const auto copy = SecretBuffer::copy_of(std::as_bytes(std::span(text)));
    REQUIRE(copy.has_value());
    CHECK(text_of(*copy) == text);
    CHECK(tail_is_intact(*copy));
    const auto again = SecretBuffer::copy_of(copy->expose());
    REQUIRE(again.has_value());
    CHECK(equal_constant_time(*copy, *again));
  }
}

TEST_CASE("equality looks at sizes and at every byte") {
  const auto a = filled(70, 1);
  auto b = filled(70, 1);
  CHECK(equal_constant_time(a, b));
  b.expose_writable()[69] = std::byte{2};
  CHECK(!equal_constant_time(a, b));
  CHECK(!equal_constant_time(a, filled(69, 1)));
  CHECK(!equal_constant_time(a, SecretBuffer()));
  CHECK(equal_constant_time(SecretBuffer(), SecretBuffer()));
}

/// A buffer filled the way a record is opened into it.
SecretBuffer with_padded(std::span<const std::byte> padded) {
  auto buffer = SecretAccess::allocate_padded(padded.size());
  REQUIRE(buffer.has_value());
  std::ranges::copy(padded, SecretAccess::padded_writable(*buffer).begin());
  return *std::move(buffer);
}

TEST_CASE("unpad is the inverse of padded") {
  for (const std::size_t size : {0UL, 1UL, 62UL, 63UL, 64UL, 65UL, 1000UL, kMaxSecretSize}) {
    CAPTURE(size);
    const auto value = filled(size, 0x80);
    auto opened = with_padded(SecretAccess::padded(value));
    CHECK(SecretAccess::unpad(opened));
    CHECK(equal_constant_time(opened, value));
    CHECK(tail_is_intact(opened));
  }
}

TEST_CASE("unpad refuses every other tail") {
  std::vector<std::byte> block(128);
  const auto is_refused = [&] {
    auto opened = with_padded(block);
    return !SecretAccess::unpad(opened);
  };
  CHECK(is_refused());
  block[127] = std::byte{0x81};
  CHECK(is_refused());
  block[127] = std::byte{0};
  block[63] = std::byte{0x80};
  CHECK(is_refused());
  block[64] = std::byte{0x80};
  CHECK(!is_refused());
  block[127] = std::byte{1};
  CHECK(is_refused());
  SecretBuffer none;
  CHECK(!SecretAccess::unpad(none));
}

TEST_CASE("a padded value takes whole blocks and no larger a cell") {
  auto buffer = SecretAccess::allocate_padded(128);
  REQUIRE(buffer.has_value());
  CHECK(SecretAccess::padded_writable(*buffer).size() == 128);
  CHECK(tail_is_intact(*buffer));
  SecretBuffer none;
  CHECK(SecretAccess::padded_writable(none).empty());
}

TEST_CASE("read_from takes everything to the end") {
  for (const std::size_t size : {0UL, 1UL, 511UL, 512UL, 513UL, 2048UL, 2049UL, 9000UL, kMaxSecretSize}) {
    CAPTURE(size);
    const std::string text = pattern(size);
    const Source source(text);
    const auto read = SecretBuffer::read_from(source.fd());
    REQUIRE(read.has_value());
    CHECK(text_of(*read) == text);
    CHECK(tail_is_intact(*read));
  }
}

TEST_CASE("read_from refuses one byte too many") {
  for (const std::size_t limit : {0UL, 1UL, 63UL, 64UL, 511UL, 512UL, 2048UL, 5000UL, kMaxSecretSize}) {
    CAPTURE(limit);
    const Source fits(pattern(limit));
    CHECK(SecretBuffer::read_from(fits.fd(), limit).has_value());
    const Source too_long(pattern(limit + 1));
    const auto refused = SecretBuffer::read_from(too_long.fd(), limit);
    REQUIRE(!refused.has_value());
    CHECK(refused.error().code() == Errc::refused);
    CHECK(refused.error().message() ==
          "cannot take a secret of more than " + std::to_string(limit) + " bytes");
  }
}

TEST_CASE("read_from says why it could not") {
  const auto read = SecretBuffer::read_from(-1);
  REQUIRE(!read.has_value());
  CHECK(read.error().code() == Errc::io);
  CHECK(read.error().os_error() == EBADF);
}

TEST_CASE("base64 follows RFC 4648") {
  const std::vector<std::pair<std::string, std::string>> vectors = {{"", ""},
                                                                    {"f", "Zg=="},
                                                                    {"fo", "Zm8="},
                                                                    {"foo", "Zm9v"},
                                                                    {"foob", "Zm9vYg=="},
                                                                    {"fooba", "Zm9vYmE="},
                                                                    {"foobar", "Zm9vYmFy"},
                                                                    {"\xff\xfe\xfb", "//77"}};
  for (const auto& [plain, encoded] : vectors) {
    const auto secret = SecretBuffer::copy_of(std::as_bytes(std::span(plain)));
    REQUIRE(secret.has_value());
    const auto text = base64_encode(*secret);
    REQUIRE(text.has_value());
    CHECK(text_of(*text) == encoded);
    CHECK(tail_is_intact(*text));
    const auto back = base64_decode(*text);
    REQUIRE(back.has_value());
    CHECK(text_of(*back) == plain);
    CHECK(tail_is_intact(*back));
  }
}

TEST_CASE("base64 that is not exactly what the encoder makes is refused") {
  for (const std::string malformed :
       {"Z", "Zg", "Zm9", "Zg=", "Zg=a", "Zg==Zg==", "Zh==", "Zm9=", "Zm8", "Zm8==", "====", "=", "Zm9v\n",
        " Zm9v", "Zm9v====", "Zm-_", "Zm9\xc3", "Z=9v", "Zm9vY"}) {
    CAPTURE(malformed);
    const auto text = SecretBuffer::copy_of(std::as_bytes(std::span(malformed)));
    REQUIRE(text.has_value());
    const auto bytes = base64_decode(*text);
    REQUIRE(!bytes.has_value());
    CHECK(bytes.error().code() == Errc::invalid_argument);
    CHECK(bytes.error().message().find(malformed) == std::string::npos);
  }
}

TEST_CASE("base64 has 64 characters and no more") {
  int taken = 0;
  for (int character = 0; character < 256; ++character) {
    auto text = filled(4, 'A');
    text.expose_writable()[1] = static_cast<std::byte>(character);
    if (base64_decode(text).has_value()) ++taken;
  }
  CHECK(taken == 64);
}

TEST_CASE("base64 comes back whatever the bytes are, and 32 KiB of it at most") {
  std::mt19937 random(20261125);
  for (std::size_t size = 0; size <= 256; ++size) {
    auto secret = filled(size, 0);
    for (auto& byte : secret.expose_writable()) byte = static_cast<std::byte>(random());
    const auto text = base64_encode(secret);
    REQUIRE(text.has_value());
    const auto back = base64_decode(*text);
    REQUIRE(back.has_value());
    CHECK(text_of(*back) == text_of(secret));
  }
  const auto most = base64_decode(filled(kMaxSecretSize, '/'));
  REQUIRE(most.has_value());
  CHECK(most->size() == 24 * 1024);
  const auto beyond = base64_decode(filled(kMaxSecretSize + 4, '/'));
  REQUIRE(!beyond.has_value());
  CHECK(beyond.error().code() == Errc::invalid_argument);
}

TEST_CASE("base64 takes at most what fits into a secret") {
  const auto most = base64_encode(filled(24 * 1024, 0xff));
  REQUIRE(most.has_value());
  CHECK(most->size() == kMaxSecretSize);
  CHECK(tail_is_intact(*most));
  const auto beyond = base64_encode(filled(24 * 1024 + 1, 0xff));
  REQUIRE(!beyond.has_value());
  CHECK(beyond.error().code() == Errc::invalid_argument);
}

TEST_CASE("random allocations never overlap and always come back zeroed") {
  struct Held {
    SecretBuffer buffer;
    unsigned char mark;
  };
  std::mt19937 random(20240229);
  std::vector<Held> held;
  for (int step = 0; step < 100000; ++step) {
    const auto dice = random() % 100;
    if (held.size() < 60 && dice < 50) {
      const std::size_t most = dice == 0 ? kMost : dice < 10 ? 5000 : 200;
      auto buffer = SecretBuffer::allocate(1 + random() % most);
      REQUIRE(buffer.has_value());
      REQUIRE(all_are(buffer->expose(), 0));
      const auto mark = static_cast<unsigned char>(1 + random() % 255);
      std::fill(buffer->expose_writable().begin(), buffer->expose_writable().end(), std::byte{mark});
      held.push_back({*std::move(buffer), mark});
    } else if (!held.empty()) {
      Held& one = held[random() % held.size()];
      REQUIRE(all_are(one.buffer.expose(), one.mark));
      REQUIRE(tail_is_intact(one.buffer));
      if (dice % 4 == 0 && one.buffer.size() > 1) {
        one.buffer.truncate(1 + random() % one.buffer.size());
        REQUIRE(tail_is_intact(one.buffer));
      } else {
        std::swap(one, held.back());
        held.pop_back();
      }
    }
  }
  CHECK(protection().locked_bytes <= Arena::kLockedBudget);
  held.clear();
  CHECK(protection().plain_bytes == 0);
}

TEST_CASE("threads share the arena") {
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (unsigned char mark = 1; mark <= 4; ++mark) {
    threads.emplace_back([mark, &wrong] {
      std::mt19937 random(mark);
      std::vector<SecretBuffer> held(8);
      for (int step = 0; step < 20000; ++step) {
        SecretBuffer& one = held[random() % held.size()];
        if (!one.empty() && !all_are(one.expose(), mark)) ++wrong;
        auto fresh = SecretBuffer::allocate(1 + random() % 300);
        if (!fresh || !all_are(fresh->expose(), 0)) ++wrong;
        if (!fresh) continue;
        std::fill(fresh->expose_writable().begin(), fresh->expose_writable().end(), std::byte{mark});
        one = *std::move(fresh);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("a forked child has none of the secrets and can make its own") {
  auto secret = filled(32, 0x77);
  const int outcome = in_child([&] {
    if (!secret.expose().empty() || !secret.expose_writable().empty()) return 1;
    if (!SecretAccess::padded(secret).empty() || !SecretAccess::padded_writable(secret).empty()) return 2;
    const auto own = SecretBuffer::allocate(32);
    if (!own || own->expose().size() != 32) return 3;
    if (equal_constant_time(secret, *own) || equal_constant_time(secret, secret)) return 4;
    secret.truncate(5);
    if (!secret.empty()) return 5;
    return tail_is_intact(*own) && all_are(own->expose(), 0) ? 0 : 6;
  });
  CHECK(outcome == 0);
  CHECK(all_are(secret.expose(), 0x77));
}

TEST_CASE("old secrets go quietly in a forked child") {
  std::vector<SecretBuffer> secrets;
  for (const std::size_t size : {1UL, 64UL, 5000UL, kMost, kMost}) secrets.push_back(filled(size, 9));
  CHECK(in_child([&] {
          std::vector<SecretBuffer> own;
          for (int i = 0; i < 100; ++i) own.push_back(filled(50, 3));
          secrets.clear();
          for (const SecretBuffer& one : own) {
            if (!all_are(one.expose(), 3)) return 1;
          }
          return 0;
        }) == 0);
}

TEST_CASE("forking while other threads allocate leaves no lock behind") {
  std::atomic<bool> stop = false;
  std::thread busy([&] {
    while (!stop) (void)SecretBuffer::allocate(48);
  });
  int failed = 0;
  for (int i = 0; i < 50; ++i) {
    failed += in_child([] { return SecretBuffer::allocate(48).has_value() ? 0 : 1; });
  }
  stop = true;
  busy.join();
  CHECK(failed == 0);
}

// The children below start with an empty arena of their own, whatever this program holds.

TEST_CASE("the policy is fixed while secrets exist") {
  CHECK(in_child([] {
          if (protection().backing != Backing::none) return 1;
          auto secret = SecretBuffer::allocate(8);
          const auto late = set_memory_policy(MemoryPolicy::off);
          if (late || late.error().code() != Errc::invalid_argument) return 2;
          secret->wipe();
          return set_memory_policy(MemoryPolicy::off) ? 0 : 3;
        }) == 0);
}

TEST_CASE("policies that cannot hold are invalid") {
  CHECK(!set_memory_policy(MemoryPolicy::require, Backing::plain));
  CHECK(!set_memory_policy(MemoryPolicy::prefer, Backing::none));
}

TEST_CASE("off takes plain memory and says so") {
  CHECK(in_child([] {
          if (!set_memory_policy(MemoryPolicy::off)) return 1;
          const auto secret = SecretBuffer::allocate(100);
          const Protection now = protection();
          if (!secret || now.backing != Backing::plain || now.locked_bytes != 0) return 2;
          return now.plain_bytes == 128 && now.dontdump && now.dontfork && now.os_error == 0 ? 0 : 3;
        }) == 0);
}

#ifndef TV_SANITIZED  // the sanitizers make mlock a no-op
TEST_CASE("prefer falls back to plain memory where locking is forbidden, and says why") {
  for (const Backing best : {Backing::memfd_secret, Backing::locked}) {
    CHECK(in_child([&] {
            if (!limit_locking(0) || !set_memory_policy(MemoryPolicy::prefer, best)) return 1;
            const auto secret = SecretBuffer::allocate(32);
            const Protection now = protection();
            if (!secret || now.backing != Backing::plain || now.locked_bytes != 0) return 2;
            return now.plain_bytes == 64 && now.os_error != 0 && now.lock_limit == 0 ? 0 : 3;
          }) == 0);
  }
}

TEST_CASE("require fails where locking is forbidden") {
  CHECK(in_child([] {
          if (!limit_locking(0) || !set_memory_policy(MemoryPolicy::require)) return 1;
          const auto secret = SecretBuffer::allocate(32);
          if (secret || secret.error().code() != Errc::out_of_memory) return 2;
          return secret.error().os_error() != 0 && protection().plain_bytes == 0 ? 0 : 3;
        }) == 0);
}

TEST_CASE("within a limit of 64 KiB one large value and many small ones stay locked") {
  for (const Backing best : {Backing::memfd_secret, Backing::locked}) {
    CHECK(in_child([&] {
            if (!limit_locking(64 * 1024) || !set_memory_policy(MemoryPolicy::require, best)) return 1;
            std::vector<SecretBuffer> keys;
            for (int i = 0; i < 200; ++i) {
              auto key = SecretBuffer::allocate(32);
              if (!key) return 2;
              keys.push_back(*std::move(key));
            }
            const auto large = SecretBuffer::allocate(kMaxSecretSize);
            const Protection now = protection();
            if (!large || now.backing > Backing::locked || now.locked_bytes > 64 * 1024) return 3;
            const auto second = SecretBuffer::allocate(kMaxSecretSize);
            return !second && second.error().code() == Errc::out_of_memory ? 0 : 4;
          }) == 0);
  }
}

TEST_CASE("under prefer the second large value is plain, counted, and soon over") {
  CHECK(in_child([] {
          if (!set_memory_policy(MemoryPolicy::prefer)) return 1;
          const auto first = SecretBuffer::allocate(kMaxSecretSize);
          if (!first || protection().plain_bytes != 0) return 2;
          const Backing locked = protection().backing;
          {
            const auto second = SecretBuffer::allocate(kMaxSecretSize);
            if (!second || protection().backing != Backing::plain) return 3;
            if (protection().plain_bytes != SecretAccess::padded_size(kMaxSecretSize)) return 4;
          }
          return protection().plain_bytes == 0 && protection().backing == locked ? 0 : 5;
        }) == 0);
}

TEST_CASE("a forced backing is the one that is used") {
  CHECK(in_child([] {
          if (!set_memory_policy(MemoryPolicy::require, Backing::locked)) return 1;
          const auto secret = SecretBuffer::allocate(32);
          const Protection now = protection();
          if (!secret || now.backing != Backing::locked || now.locked_bytes != 4096) return 2;
          return now.dontdump && now.dontfork && now.plain_bytes == 0 ? 0 : 3;
        }) == 0);
}
#endif

TEST_CASE("a value of the largest size can be read into locked memory") {
  CHECK(in_child([] {
          const Source source(pattern(kMaxSecretSize));
          if (!set_memory_policy(MemoryPolicy::require)) return 1;
          return SecretBuffer::read_from(source.fd()).has_value() ? 0 : 2;
        }) == 0);
}

TEST_CASE("a guard page stands on each side") {
  CHECK(in_child([] {
          const auto secret = filled(32, 1);
          std::signal(SIGSEGV, SIG_DFL);
          auto* before = const_cast<std::byte*>(secret.expose().data()) - 1;
          *static_cast<volatile std::byte*>(before) = std::byte{1};
          return 0;
        }) == 100 + SIGSEGV);
}

TEST_CASE("a hardened process says so") {
  CHECK(in_child([] {
          if (protection().hardened || !harden_process() || !protection().hardened) return 1;
          rlimit core = {};
          return getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 0 ? 0 : 2;
        }) == 0);
}
