#include "recipe/exchange.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "core/try.hpp"

namespace tokenvault::recipe {

namespace {

constexpr std::size_t kMaxHead = 64 * 1024;  // bytes of status line and headers
constexpr long kConnectSeconds = 5;
constexpr curl_off_t kMaxRetryAfter = 24 * 3600;

using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;

struct Intake {
  AnswerBody body;
  std::size_t head = 0;
  bool too_large = false;
};

std::size_t take_body(char* bytes, std::size_t, std::size_t size, void* intake) {
  auto& into = *static_cast<Intake*>(intake);
  into.too_large = !into.body.append({bytes, size});
  return into.too_large ? 0 : size;
}

std::size_t take_head(char*, std::size_t, std::size_t size, void* intake) {
  auto& into = *static_cast<Intake*>(intake);
  into.head += size;
  into.too_large = into.head > kMaxHead;
  return into.too_large ? 0 : size;
}

/// Header lines in the form that the library wants, which are copies; wiped before they are freed.
class Lines {
 public:
  Lines() = default;
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;
  ~Lines() {
    for (auto* line = list_; line != nullptr; line = line->next)
      explicit_bzero(line->data, std::strlen(line->data));
    curl_slist_free_all(list_);
  }
  bool add(const SecretText& line) {
    auto* longer = curl_slist_append(list_, line.c_str());
    if (longer != nullptr) list_ = longer;
    return longer != nullptr;
  }
  [[nodiscard]] curl_slist* get() const noexcept { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

class Options {
 public:
  explicit Options(CURL* handle) : handle_(handle) {}
  template <typename T>
  Options& set(CURLoption option, T value) {
    if (fault_ == CURLE_OK) fault_ = curl_easy_setopt(handle_, option, value);
    return *this;
  }
  [[nodiscard]] CURLcode fault() const noexcept { return fault_; }

 private:
  CURL* handle_;
  CURLcode fault_ = CURLE_OK;
};

// A kept connection that dies makes the library send a POST again without a word, and a second `issue`
// may cost the token: so each request has its own.
void set_connection(Options& options, int timeout) {
  options.set(CURLOPT_FRESH_CONNECT, 1L).set(CURLOPT_FORBID_REUSE, 1L).set(CURLOPT_NOSIGNAL, 1L);
  options.set(CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1}).set(CURLOPT_FOLLOWLOCATION, 0L);
  options.set(CURLOPT_PROTOCOLS_STR, "http,https")
      .set(CURLOPT_PROXY, "")
      .set(CURLOPT_NETRC, long{CURL_NETRC_IGNORED});
  options.set(CURLOPT_SSL_VERIFYPEER, 1L).set(CURLOPT_SSL_VERIFYHOST, 2L);
  options.set(CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  options.set(CURLOPT_CONNECTTIMEOUT, std::min(kConnectSeconds, long{timeout}))
      .set(CURLOPT_TIMEOUT, long{timeout});
}

void set_request(Options& options, const HttpRequest& request, const Lines& lines) {
  options.set(CURLOPT_URL, request.address.c_str()).set(CURLOPT_PATH_AS_IS, 1L);
  options.set(CURLOPT_HTTPHEADER, lines.get()).set(CURLOPT_USERAGENT, "tokenvault-recipe");
  if (request.body || request.method == "POST" || request.method == "PUT" || request.method == "PATCH") {
    const auto body = request.body ? request.body->view() : std::string_view("");
    options.set(CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size())).set(CURLOPT_POSTFIELDS, body.data());
  }
  options.set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void set_intake(Options& options, Intake& intake) {
  options.set(CURLOPT_WRITEFUNCTION, &take_body).set(CURLOPT_WRITEDATA, &intake);
  options.set(CURLOPT_HEADERFUNCTION, &take_head).set(CURLOPT_HEADERDATA, &intake);
}

HttpAnswer answer_of(CURL* handle, CURLcode ended, Intake& intake) {
  HttpAnswer answer;
  long status = 0;
  long request_size = 0;
  curl_off_t retry_after = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(handle, CURLINFO_REQUEST_SIZE, &request_size);
  curl_easy_getinfo(handle, CURLINFO_RETRY_AFTER, &retry_after);
  answer.complete = ended == CURLE_OK;
  answer.sent = answer.complete || request_size != 0;
  answer.status = static_cast<int>(status);
  if (retry_after > 0) answer.retry_after = std::min(retry_after, kMaxRetryAfter);
  if (ended != CURLE_OK)
    answer.trouble = intake.too_large ? "it is larger than 64 KiB" : curl_easy_strerror(ended);
  answer.body = std::move(intake.body);
  return answer;
}

}  // namespace

Result<HttpAnswer> exchange(const HttpRequest& request) {
  const Handle handle(curl_easy_init(), &curl_easy_cleanup);
  Lines lines;
  const bool added =
      std::ranges::all_of(request.headers, [&](const SecretText& line) { return lines.add(line); });
  if (!handle || !added) return Error(Errc::io, "send the request: no memory for it");
  Intake intake;
  Options options(handle.get());
  set_connection(options, request.timeout);
  set_request(options, request, lines);
  set_intake(options, intake);
  if (options.fault() != CURLE_OK) {
    return Error(Errc::io, fmt::format("prepare the request: {}", curl_easy_strerror(options.fault())));
  }
  const auto ended = curl_easy_perform(handle.get());
  return answer_of(handle.get(), ended, intake);
}

}  // namespace tokenvault::recipe
