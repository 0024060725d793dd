// An endpoint of your own that only tokens of your own get past. `admit` is all that a handler needs; the rest stands
// for your service. docs/issuer.md tells what the issuer promises.
//
//   head -c 32 /dev/urandom | tokenvault put api/hash-key --binary --from-fd 0
//   protected_endpoint VAULT KEYFILE DATABASE issue      # the new token, once, on standard output
//   protected_endpoint VAULT KEYFILE DATABASE serve      # GET /hello on a free port of this machine
//   protected_endpoint VAULT KEYFILE DATABASE revoke ID
#include <microhttpd.h>
#include <netinet/in.h>
#include <strings.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <tokenvault/issuer.hpp>
#include <tokenvault/vault.hpp>

using namespace tokenvault;

namespace {

MHD_Result answer(MHD_Connection* connection, int status, std::string body,
                  const std::string& challenge = {}) {
  auto* response = MHD_create_response_from_buffer(body.size(), body.data(), MHD_RESPMEM_MUST_COPY);
  MHD_add_response_header(response, "Cache-Control", "no-store");
  if (!challenge.empty()) MHD_add_response_header(response, "WWW-Authenticate", challenge.c_str());
  if (status >= 400) MHD_add_response_header(response, "Content-Type", "application/problem+json");
  const auto sent = MHD_queue_response(connection, static_cast<unsigned>(status), response);
  MHD_destroy_response(response);
  return sent;
}

MHD_Result collect(void* fields, MHD_ValueKind, const char* name, const char* value) {
  if (strcasecmp(name, "Authorization") == 0)
    static_cast<std::vector<std::string_view>*>(fields)->emplace_back(value == nullptr ? "" : value);
  return MHD_YES;
}

// The ten lines: whoever may not go on is answered, whoever may is known. All fields are passed on: two of them are a
// fault that must not be decided by which one a server happens to read.
template <typename Handler>
MHD_Result admit(Issuer& issuer, MHD_Connection* connection, std::string_view scope, const Handler& handler) {
  std::vector<std::string_view> fields;
  MHD_get_connection_values(connection, MHD_HEADER_KIND, &collect, &fields);
  const auto decision = issuer.authorize(fields, scope);
  if (!decision) return answer(connection, 503, R"({"title":"Try again later.","status":503})");
  if (const auto* grant = std::get_if<Grant>(&*decision)) return handler(*grant);
  const auto refusal = describe(std::get<Refusal>(*decision), "example", scope);
  return answer(connection, refusal.status, refusal.body, refusal.www_authenticate);
}

MHD_Result on_request(void* issuer, MHD_Connection* connection, const char* path, const char* method,
                      const char*, const char*, std::size_t*, void**) {
  if (std::string_view(method) != "GET" || std::string_view(path) != "/hello")
    return answer(connection, 404, R"({"title":"There is no such route.","status":404})");
  return admit(*static_cast<Issuer*>(issuer), connection, "hello:read", [&](const Grant& grant) {
    return answer(connection, 200, "hello " + grant.name + " of " + grant.org + "\n");
  });
}

int serve(Issuer& issuer) {
  sigset_t ends;
  sigemptyset(&ends);
  for (const int number : {SIGINT, SIGTERM}) sigaddset(&ends, number);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, nullptr, nullptr, &on_request, &issuer,
                                  MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_END);
  if (daemon == nullptr) return std::perror("cannot listen"), 1;
  std::printf("http://127.0.0.1:%d/hello\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
  std::fflush(stdout);
  int number = 0;
  sigwait(&ends, &number);
  MHD_stop_daemon(daemon);
  return 0;
}

int issue(Issuer& issuer) {
  const auto made =
      issuer.issue({.org = "acme", .name = "ci", .scopes = "hello:read", .expires = {}}).value();
  const auto bytes = made.token.expose();  // not through stdio, which keeps a copy
  return write(STDOUT_FILENO, bytes.data(), bytes.size()) < 0;
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string_view verb = argc > 4 ? argv[4] : "";
  const auto key = key_from_file(argc > 2 ? argv[2] : "").value();
  auto hash_key = Vault::open(open_store(argv[1]).value(), key).value().get("api/hash-key").value();
  auto issuer = Issuer::open(argc > 3 ? argv[3] : "", "org", hash_key).value();
  if (verb == "issue") return issue(issuer);
  if (verb == "revoke" && argc == 6) return issuer.revoke(argv[5]).value(), 0;
  return verb == "serve" ? serve(issuer) : 2;
} catch (const std::exception& error) {
  return std::fprintf(stderr, "protected_endpoint: %s\n", error.what()), 1;
}
