// The floor of orgapi's throughput: libmicrohttpd as orgapi starts it, answering the same bytes to everybody.
// Prints its port; ends with its stdin.
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace {

// As long as what orgapi says of a token.
const std::string kBody =
    R"({"expires":null,"id":"0123456789AB","name":"bench","org":"acme","scopes":"points:read"})";

MHD_Result answer(void*, MHD_Connection* connection, const char*, const char*, const char*, const char*,
                  std::size_t*, void** state) {
  // An answer before the request is whole ends the connection.
  if (*state == nullptr) {
    *state = const_cast<std::string*>(&kBody);
    return MHD_YES;
  }
  auto* response =
      MHD_create_response_from_buffer(kBody.size(), const_cast<char*>(kBody.data()), MHD_RESPMEM_PERSISTENT);
  const auto queued = MHD_queue_response(connection, MHD_HTTP_OK, response);
  MHD_destroy_response(response);
  return queued;
}

}  // namespace

int main() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* daemon =
      MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, nullptr, nullptr, &answer, nullptr,
                       MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_THREAD_POOL_SIZE, 4U, MHD_OPTION_END);
  if (daemon == nullptr) return 1;
  std::printf("%u\n", unsigned{MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port});
  std::fflush(stdout);
  char byte = 0;
  while (::read(STDIN_FILENO, &byte, 1) > 0) continue;
  MHD_stop_daemon(daemon);
}
