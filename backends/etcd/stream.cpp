#include "etcd/stream.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

namespace tokenvault::etcd {
namespace {

constexpr std::size_t kMaxTaken = 256 * 1024;  // bytes not yet read as lines

}  // namespace

std::unique_ptr<Stream> Stream::open(const Tls& tls, const std::string& url, std::string body,
                                     const std::string& token) {
  std::unique_ptr<Stream> stream(new Stream);
  stream->owner_ = ::getpid();
  stream->multi_.reset(curl_multi_init());
  stream->handle_ = make_handle(tls);
  stream->lines_ = make_lines(token);
  stream->body_ = std::move(body);
  auto* const handle = stream->handle_.get();
  if (!stream->multi_ || handle == nullptr || !stream->lines_) return nullptr;
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, stream->lines_.get());
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(stream->body_.size()));
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, stream->body_.data());
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &Stream::take);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, stream.get());
  if (curl_multi_add_handle(stream->multi_.get(), handle) != CURLM_OK) return nullptr;
  return stream;
}

bool Stream::is_ours() const noexcept { return ::getpid() == owner_; }

Stream::~Stream() {
  if (!is_ours()) {
    (void)multi_.release();
    (void)handle_.release();
  } else if (multi_ && handle_) {
    curl_multi_remove_handle(multi_.get(), handle_.get());
  }
}

std::size_t Stream::take(char* bytes, std::size_t, std::size_t size, void* stream) {
  auto& taken = static_cast<Stream*>(stream)->taken_;
  if (taken.size() + size > kMaxTaken) return 0;
  taken.append(bytes, size);
  return size;
}

bool Stream::is_due() const noexcept {
  curl_socket_t socket = CURL_SOCKET_BAD;
  long status = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(handle_.get(), CURLINFO_ACTIVESOCKET, &socket);
  if (status == 0 || socket == CURL_SOCKET_BAD) return true;  // still connecting
  pollfd asked{socket, POLLIN, 0};
  return ::poll(&asked, 1, 0) != 0;
}

bool Stream::wait(std::chrono::milliseconds most) {
  int ready = 0;
  const auto limit = static_cast<int>(std::clamp<std::int64_t>(most.count(), 0, INT_MAX));
  return curl_multi_poll(multi_.get(), nullptr, 0, limit, &ready) == CURLM_OK && ready != 0;
}

bool Stream::pump() {
  int running = 0;
  return curl_multi_perform(multi_.get(), &running) == CURLM_OK && running != 0;
}

std::optional<std::string> Stream::next_line() {
  const auto end = taken_.find('\n');
  if (end == std::string::npos) return std::nullopt;
  auto line = taken_.substr(0, end);
  taken_.erase(0, end + 1);
  return line;
}

}  // namespace tokenvault::etcd
