#include "etcd/login.hpp"

#include <strings.h>

#include <cstring>

#include "core/bytes.hpp"
#include "core/try.hpp"

namespace tokenvault::etcd {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

/// JSON text in memory that is wiped.
class SecretJson {
 public:
  explicit SecretJson(SecretBuffer room) : room_(std::move(room)) {}

  void add(std::string_view text) {
    const auto out = room_.expose_writable().subspan(size_);
    std::memcpy(out.data(), text.data(), std::min(text.size(), out.size()));
    size_ += std::min(text.size(), out.size());
  }
  /// As a JSON string; each byte takes six at most.
  void add_quoted(std::string_view text) {
    add("\"");
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      const char escaped[] = {'\\', 'u', '0', '0', kDigits[byte >> 4], kDigits[byte & 15]};
      const bool plain = byte >= ' ' && c != '"' && c != '\\';
      add(plain ? std::string_view(&c, 1) : std::string_view(escaped, sizeof escaped));
    }
    add("\"");
  }
  SecretBuffer take() {
    room_.truncate(size_);
    return std::move(room_);
  }

 private:
  SecretBuffer room_;
  std::size_t size_ = 0;
};

}  // namespace

Login::~Login() { explicit_bzero(token_.data(), token_.size()); }

std::string Login::token() const {
  const std::lock_guard lock(mutex_);
  return token_;
}

bool Login::due() const {
  const std::lock_guard lock(mutex_);
  return possible() && !asked_;
}

void Login::keep(std::string token) {
  const std::lock_guard lock(mutex_);
  explicit_bzero(token_.data(), token_.size());
  token_ = std::move(token);
  asked_ = true;
}

void Login::forget(const std::string& token) {
  const std::lock_guard lock(mutex_);
  if (token == token_) asked_ = false;
}

Result<SecretBuffer> Login::request() const {
  const auto password = password_.expose();
  if (password.size() != password_.size())
    return Error(Errc::forked, "an etcd password does not cross fork(): open the vault again in the child");
  TV_TRY(auto room, SecretBuffer::allocate(64 + 6 * (user_.size() + password.size())));
  SecretJson json(std::move(room));
  json.add("{\"name\":");
  json.add_quoted(user_);
  json.add(",\"password\":");
  json.add_quoted(as_text(password));
  json.add("}");
  return json.take();
}

}  // namespace tokenvault::etcd
