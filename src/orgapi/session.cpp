#include "session.hpp"

#include <sodium.h>

#include <algorithm>

namespace tokenvault::orgapi {

std::string Sessions::begin() {
  std::array<unsigned char, 32> random{};
  randombytes_buf(random.data(), random.size());
  std::string id(2 * random.size() + 1, '\0');
  sodium_bin2hex(id.data(), id.size(), random.data(), random.size());
  sodium_memzero(random.data(), random.size());
  id.pop_back();
  const std::scoped_lock lock(mutex_);
  if (sessions_.size() >= kMost) sessions_.erase(std::ranges::min_element(sessions_, {}, &Session::used));
  sessions_.push_back({digest_of(id), clock_->steady()});
  return id;
}

bool Sessions::renew(std::string_view id) {
  const std::scoped_lock lock(mutex_);
  const auto now = clock_->steady();
  std::erase_if(sessions_, [now](const Session& session) { return now - session.used >= kIdle; });
  const auto found = find(id);
  if (found == sessions_.end()) return false;
  found->used = now;
  return true;
}

void Sessions::end(std::string_view id) {
  const std::scoped_lock lock(mutex_);
  const auto found = find(id);
  if (found != sessions_.end()) sessions_.erase(found);
}

Sessions::Digest Sessions::digest_of(std::string_view id) {
  Digest digest{};
  crypto_generichash(digest.data(), digest.size(),
                     static_cast<const unsigned char*>(static_cast<const void*>(id.data())), id.size(),
                     nullptr, 0);
  return digest;
}

std::vector<Sessions::Session>::iterator Sessions::find(std::string_view id) {
  const auto digest = digest_of(id);
  return std::ranges::find_if(sessions_, [&digest](const Session& session) {
    return sodium_memcmp(session.digest.data(), digest.data(), digest.size()) == 0;
  });
}

}  // namespace tokenvault::orgapi
