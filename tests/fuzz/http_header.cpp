// The fields of an HTTP request, a line each: NAME:VALUE. Whatever they are, nobody is let in but by the one token that
// was issued; and what the gate lets pass can be read in one way only.
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "gate.hpp"
#include "issuer/issuer_place.hpp"
#include "request.hpp"
#include "target.hpp"

using namespace tokenvault;
using namespace tokenvault::fuzz;
using tokenvault::orgapi::Field;
using tokenvault::orgapi::Request;

namespace {

constexpr std::uint16_t kPort = 8080;
/// In an input, where the token that was issued is meant: it is another each time.
constexpr std::string_view kTheToken = "org_THETOKEN";

/// An issuer with one living token, one that was revoked, and one of another scope.
struct Place {
  Place() : issuer(Issuer::open(folder / "issued.db", "org", test::master_key(), clock).value()) {
    const auto issued = issuer.issue({"acme", "ci", "read", std::nullopt}).value();
    token = test::text_of(issued);
    id = issued.grant.id;
  }
  test::TempDir folder;
  test::FakeClock clock;
  Issuer issuer;
  std::string token, id;
};

Request request_of(std::string_view text) {
  Request request{.method = "POST", .path = "/v1/points", .peer = "127.0.0.1"};
  while (!text.empty()) {
    const auto line = text.substr(0, std::min(text.find('\n'), text.size()));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const auto colon = std::min(line.find(':'), line.size());
    request.fields.emplace_back(line.substr(0, colon), line.substr(std::min(colon + 1, line.size())));
  }
  return request;
}

/// Whether the one Authorization field is "Bearer", blanks, and the token; said again by other means.
bool is_good(const std::vector<std::string_view>& fields, const std::string& token) {
  if (fields.size() != 1 || fields[0].size() < 8) return false;
  auto scheme = std::string(fields[0].substr(0, 7));
  std::ranges::transform(scheme, scheme.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  const auto rest = fields[0].substr(std::min(fields[0].find_first_not_of(' ', 6), fields[0].size()));
  return scheme == "bearer " && rest == token;
}

void check_authorization(Place& place, const Request& request) {
  const auto fields = request.all("Authorization");
  for (const std::string_view scope : {"", "read", "write"}) {
    const auto decision = place.issuer.authorize(fields, scope);
    must(decision.has_value(), "a request gets a decision");
    const auto* grant = std::get_if<Grant>(&*decision);
    must((grant != nullptr) == (is_good(fields, place.token) && scope != "write"), "nobody else is let in");
    if (grant != nullptr) {
      must(grant->id == place.id && grant->org == "acme", "the grant is the token's own");
    } else {
      const auto told = describe(std::get<Refusal>(*decision), "orgapi", scope);
      must(told.status == 400 || told.status == 401 || told.status == 403, "a refusal is one of three");
      must(told.www_authenticate.find_first_of("\r\n") == std::string::npos, "no header hides another");
    }
  }
}

void check_gate(const Request& request) {
  const auto refused = orgapi::refused_at_the_gate(request, false, kPort);
  if (refused)
    must(refused->status >= 400 && refused->status < 500, "a refusal is the client's fault");
  else {
    must(request.all("Host").size() == 1 && request.all("Content-Length").size() <= 1 &&
             request.all("Transfer-Encoding").empty(),
         "what is let pass has one end");
  }
  const auto origin = orgapi::refused_origin(request, kPort);
  must(origin.has_value() || request.all("Origin") == std::vector<std::string_view>{"http://127.0.0.1:8080"},
       "changes come from our own page");
  const auto type = orgapi::refused_type(request);
  must(type.has_value() || request.all("Content-Type").size() == 1, "a body has one type");
}

std::string with_token(std::string text, const std::string& token) {
  for (auto at = text.find(kTheToken); at != std::string::npos; at = text.find(kTheToken, at + token.size()))
    text.replace(at, kTheToken.size(), token);
  return text;
}

/// Puts right the check of something of a token's length, so that the database is asked.
void put_check_right(std::string& text) {
  constexpr auto kBody = TokenFormat::kBodySize;
  const auto mark = text.find('_');
  if (mark == std::string::npos || text.size() - mark - 1 < kBody) return;
  const auto begin =
      text.find_last_not_of("abcdefghijklmnopqrstuvwxyz0123456789", mark == 0 ? 0 : mark - 1) + 1;
  const auto end = mark + 1 + kBody - TokenFormat::kCheckSize;
  if (begin > mark) return;
  const auto check = token_check(std::string_view(text).substr(begin, end - begin));
  std::ranges::copy(check, text.begin() + static_cast<std::ptrdiff_t>(end));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Place place;
  const auto text = with_token(std::string(text_of(data, size)), place.token);
  const auto request = request_of(text);
  check_authorization(place, request);
  check_gate(request);
  const auto shown = redact_tokens(text);
  must(shown.find(place.token) == std::string::npos, "a log shows no token");
  check_memory();
  return 0;
}

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  size = LLVMFuzzerMutate(data, size, most);
  if (seed % 2 == 0) return size;
  std::string text(text_of(data, size));
  put_check_right(text);
  return hand_over(as_bytes(text), data, size, most);
}
