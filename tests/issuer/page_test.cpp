// The code of docs/issuer.md, compiled: page_test.py compares the two.
#include <string>

#include "issuer_place.hpp"

using namespace tokenvault;
using namespace tokenvault::test;

namespace {

struct Answer {
  int status;
  std::string body, challenge;
};
Answer answer(int status, std::string body, std::string challenge = {}) {
  return {status, std::move(body), std::move(challenge)};
}
Answer serve(const std::string& org) { return answer(200, org); }

std::string shown;
void show_once(const SecretBuffer& token) { shown = as_text(token.expose()); }

Answer run(const SecretBuffer& hash_key, bool with_token) {
  // clang-format off
auto issuer = Issuer::open("issued.db", "acme", hash_key).value();
auto issued = issuer.issue({"Acme Ltd", "ci", "points:read token:rotate", std::nullopt}).value();
show_once(issued.token);  // nobody can get it from the issuer again

  // clang-format on
  const std::string field = "Bearer " + shown;
  std::vector<std::string_view> authorization_fields;
  if (with_token) authorization_fields.push_back(field);
  // clang-format off
// In the handler of your endpoint, with all values of its Authorization fields:
const auto decision = issuer.authorize(authorization_fields, "points:read");
if (!decision) return answer(503, decision.error().message());
if (const auto* refusal = std::get_if<Refusal>(&*decision)) {
  const auto refused = describe(*refusal, "acme", "points:read");
  return answer(refused.status, refused.body, refused.www_authenticate);
}
return serve(std::get<Grant>(*decision).org);
  // clang-format on
}

}  // namespace

int main() {
  const TempDir folder;
  if (::chdir(folder.path().c_str()) != 0) return 2;
  const auto served = run(master_key(), true), refused = run(master_key(), false);
  const bool good = served.status == 200 && served.body == "Acme Ltd" && refused.status == 401 &&
                    refused.challenge == "Bearer realm=\"acme\"";
  return good ? 0 : 1;
}
