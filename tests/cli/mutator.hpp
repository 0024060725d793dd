#pragma once
#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <random>
#include <string>
#include <string_view>

/// Changes good texts at random, from a fixed seed.
class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  std::string operator()(std::string text) {
    for (auto rounds = 1 + below(3); rounds > 0; --rounds) change(text);
    return text;
  }

 private:
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }

  void change(std::string& text) {
    using std::string_view_literals::operator""sv;
    static constexpr std::string_view kLikely =
        "\"'`\\#=:\t\n\r {}[],\x7F\x80\xBF\xC3\xED\xF4\xFF\xEF\xBB\xBFunr/+0-eE.ZT\0"sv;
    const auto at = below(text.size() + 1);
    const auto piece = text.substr(at, 1 + below(24));
    switch (below(6)) {
      case 0: text.insert(at, 1, kLikely[below(kLikely.size())]); break;
      case 1: text.erase(at, piece.size()); break;
      case 2: text.insert(below(text.size() + 1), piece); break;
      case 3:
        if (at < text.size()) text[at] = kLikely[below(kLikely.size())];
        break;
      case 4:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
        break;
      default:
        if (below(8) == 0) text.resize(at);
    }
  }

  std::mt19937 random_;
};

/// A descriptor that gives one text after another.
class Feed {
 public:
  Feed() : fd_(::memfd_create("feed", MFD_CLOEXEC)) {}
  ~Feed() { ::close(fd_); }
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  /// Where `text` can be read from its start.
  [[nodiscard]] int of(const std::string& text) const {
    REQUIRE(::ftruncate(fd_, 0) == 0);
    REQUIRE(::pwrite(fd_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
    REQUIRE(::lseek(fd_, 0, SEEK_SET) == 0);
    return fd_;
  }

 private:
  int fd_;
};
