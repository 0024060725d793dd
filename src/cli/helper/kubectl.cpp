// An exec credential plugin for kubectl and other clients of Kubernetes.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

#include "../exchange/json_string.hpp"
#include "../try.hpp"
#include "../verbs.hpp"
#include "exec_info.hpp"
#include "handed_token.hpp"
#include "tokenvault/time_text.hpp"

namespace tokenvault::cli {
namespace {

Result<std::string_view> asked_version() {
  const char* info = std::getenv("KUBERNETES_EXEC_INFO");
  if (info == nullptr) return kNewestApiVersion;
  return api_version_of(info);
}

}  // namespace

Result<int> run_helper_kubectl(const Session& session) {
  const auto& name = *session.request.helper.name;
  TV_TRY(const auto version, asked_version());
  TV_TRY(const auto token, hand_out(session, name));
  TV_CHECK(check_header(token, name));
  TV_TRY(auto out, SecretOutput::to(STDOUT_FILENO));
  TV_CHECK(
      out.put(fmt::format(R"({{"apiVersion":"{}","kind":"ExecCredential","status":{{"token":")", version)));
  TV_CHECK(put_json_text(out, token.value.expose()));
  TV_CHECK(out.put("\""));
  if (token.expires)
    TV_CHECK(out.put(fmt::format(R"(,"expirationTimestamp":"{}")", to_rfc3339(*token.expires))));
  TV_CHECK(out.put("}}\n"));
  TV_CHECK(out.flush());
  return 0;
}

}  // namespace tokenvault::cli
