#pragma once
#include <string.h>

#include <memory>
#include <string_view>

#include "recipe/bounded_input.hpp"

namespace tokenvault::recipe {

/// An answer's bytes, up to the bound, wiped when they go. Larger than secret memory is dealt out, and
/// the library that receives them has them on its own heap before: see main.cpp.
class AnswerBody {
 public:
  AnswerBody() : bytes_(new char[kMaxDocument]) {}
  AnswerBody(AnswerBody&&) noexcept = default;
  AnswerBody& operator=(AnswerBody&&) noexcept = default;
  ~AnswerBody() {
    if (bytes_) explicit_bzero(bytes_.get(), kMaxDocument);
  }

  /// Takes as much as fits, and says whether that was all.
  bool append(std::string_view more) noexcept {
    const auto taken = more.copy(bytes_.get() + size_, kMaxDocument - size_);
    size_ += taken;
    return taken == more.size();
  }
  [[nodiscard]] std::string_view view() const noexcept { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

}  // namespace tokenvault::recipe
