#include "etcd/http.hpp"

#include <fcntl.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <mutex>

namespace tokenvault::etcd {
namespace {

constexpr long kConnectMs = 1000;
constexpr long kMaxHead = 64 * 1024;  // bytes of status line and headers

/// The body, given out once: a library that cannot rewind it does not send it again by itself.
struct Source {
  std::string_view rest;
};

std::size_t give_body(char* room, std::size_t size, std::size_t count, void* source) {
  auto& from = *static_cast<Source*>(source);
  const auto taken = std::min(size * count, from.rest.size());
  std::memcpy(room, from.rest.data(), taken);
  from.rest.remove_prefix(taken);
  return taken;
}

std::size_t take_body(char* bytes, std::size_t, std::size_t size, void* reply) {
  auto& body = static_cast<Reply*>(reply)->body;
  if (body.size() + size > kMaxReply) return 0;
  body.append(bytes, size);
  return size;
}

std::size_t count_head(char*, std::size_t, std::size_t size, void* seen) {
  auto& total = *static_cast<std::size_t*>(seen);
  total += size;
  return total > kMaxHead ? 0 : size;
}

/// A program that the process turns into has no business with the connection, and what the process prints must not be
/// sent over it where a standard descriptor is closed.
curl_socket_t open_socket(void*, curlsocktype, curl_sockaddr* address) {
  const int low = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (low < 0 || low > STDERR_FILENO) return low;
  const int high = ::fcntl(low, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  ::close(low);
  return high;
}

void start_library() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

void set_body(CURL* handle, const Request& request, Source& source) {
  curl_easy_setopt(handle, CURLOPT_POST, 1L);
  curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  // A connection that was kept and has died makes the library send a request again without a word. With a
  // body that it cannot rewind it gives up instead.
  curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.repeatable ? request.body.data() : nullptr);
  curl_easy_setopt(handle, CURLOPT_READFUNCTION, request.repeatable ? nullptr : &give_body);
  curl_easy_setopt(handle, CURLOPT_READDATA, request.repeatable ? nullptr : &source);
}

/// Whether the server cannot have seen the request. That it could not be reached does not say so: the library tries
/// to connect once more after it has sent all on a connection that was kept and died then.
bool is_unsent(CURL* handle) {
  long size = 0;
  curl_easy_getinfo(handle, CURLINFO_REQUEST_SIZE, &size);
  return size == 0;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// Whether the server has turned the client away for its certificate. In TLS 1.3 it says so after it was sent a
/// request, which it then does not read; before, while connecting, which may be the library's second try.
bool is_refused(const Reply& reply, CURLcode ended) {
  if (!has(reply.trouble, "alert") ||
      !(has(reply.trouble, "certificate") || has(reply.trouble, "unknown ca")))
    return false;
  return reply.delivery == Delivery::not_sent || ended != CURLE_SSL_CONNECT_ERROR;
}

std::string one_line(const char* text) {
  std::string line = text;
  std::ranges::replace_if(
      line, [](char c) { return c < ' ' || c > '~'; }, ' ');
  return line;
}

}  // namespace

void CloseLines::operator()(curl_slist* lines) const noexcept {
  for (auto* line = lines; line != nullptr; line = line->next)
    explicit_bzero(line->data, std::strlen(line->data));
  curl_slist_free_all(lines);
}

Handle make_handle(const Tls& tls) {
  start_library();
  Handle made(curl_easy_init());
  auto* const handle = made.get();
  if (handle == nullptr) return made;
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  // The environment's proxies are for the web: what lies between a vault and its store is named, or not there.
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_NETRC, long{CURL_NETRC_IGNORED});
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, kConnectMs);
  curl_easy_setopt(handle, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, &open_socket);
  // A name server that does not answer must not hold up who has given up waiting for it.
  curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(handle, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  if (!tls.ca_file.empty()) {
    curl_easy_setopt(handle, CURLOPT_CAINFO, tls.ca_file.c_str());
    curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
  }
  if (!tls.cert_file.empty()) {
    curl_easy_setopt(handle, CURLOPT_SSLCERT, tls.cert_file.c_str());
    curl_easy_setopt(handle, CURLOPT_SSLKEY, tls.key_file.c_str());
  }
  return made;
}

Lines make_lines(const std::string& token) {
  // No "Expect: 100-continue": it costs a large commit a round trip, and the gateway needs none.
  Lines lines(curl_slist_append(nullptr, "Content-Type: application/json"));
  std::string authorization = "Authorization: " + token;
  for (const char* line : {"Expect:", token.empty() ? nullptr : authorization.c_str()}) {
    if (line == nullptr || !lines) continue;
    if (curl_slist_append(lines.get(), line) == nullptr) lines.reset();
  }
  explicit_bzero(authorization.data(), authorization.size());
  return lines;
}

Reply exchange(CURL* handle, const Request& request) {
  Reply reply;
  const auto lines = make_lines(request.token);
  if (handle == nullptr || !lines) {
    reply.trouble = "no memory for the request";
    return reply;
  }
  char trouble[CURL_ERROR_SIZE] = "";
  Source source{request.body};
  std::size_t head = 0;
  set_body(handle, request, source);
  curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, lines.get());
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS,
                   static_cast<long>(std::max<std::int64_t>(request.limit.count(), 1)));
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, trouble);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &take_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &reply);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, &count_head);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &head);
  const auto ended = curl_easy_perform(handle);
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  reply.status = static_cast<int>(status);
  reply.delivery = ended == CURLE_OK   ? Delivery::answered
                   : is_unsent(handle) ? Delivery::not_sent
                                       : Delivery::lost;
  if (ended != CURLE_OK) reply.trouble = one_line(*trouble != 0 ? trouble : curl_easy_strerror(ended));
  reply.refused = ended != CURLE_OK && is_refused(reply, ended);
  if (reply.refused) reply.delivery = Delivery::not_sent;
  // The library's own words would be about its second try.
  if (ended == CURLE_SEND_FAIL_REWIND || (reply.delivery == Delivery::lost && ended == CURLE_COULDNT_CONNECT))
    reply.trouble = "the connection broke before an answer came";
  // What points into this call's memory must not outlive it.
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, nullptr);
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, nullptr);
  return reply;
}

}  // namespace tokenvault::etcd
