// The golden bytes of docs/issuer.md.
#include <doctest/doctest.h>

#include "tokenvault/issuer.hpp"

using namespace tokenvault;

TEST_CASE("each refusal has its own status, challenge and body") {
  struct Golden {
    Refusal refusal;
    int status;
    const char *challenge, *body;
  };
  const Golden all[] = {
      {Refusal::missing, 401, R"(Bearer realm="orgapi")",
       R"({"type":"/problems#missing","title":"An API token is required.","status":401})"},
      {Refusal::ambiguous, 400, R"(Bearer realm="orgapi", error="invalid_request")",
       R"({"type":"/problems#ambiguous","title":"More than one Authorization field was sent.","status":400})"},
      {Refusal::malformed, 401,
       R"(Bearer realm="orgapi", error="invalid_token", error_description="This is not a token of this service; it may have been cut short.")",
       R"({"type":"/problems#malformed","title":"This is not a token of this service; it may have been cut short.","status":401})"},
      {Refusal::unknown, 401,
       R"(Bearer realm="orgapi", error="invalid_token", error_description="This token is not known.")",
       R"({"type":"/problems#unknown","title":"This token is not known.","status":401})"},
      {Refusal::expired, 401,
       R"(Bearer realm="orgapi", error="invalid_token", error_description="This token has expired.")",
       R"({"type":"/problems#expired","title":"This token has expired.","status":401})"},
      {Refusal::revoked, 401,
       R"(Bearer realm="orgapi", error="invalid_token", error_description="This token was revoked.")",
       R"({"type":"/problems#revoked","title":"This token was revoked.","status":401})"},
      {Refusal::scope, 403, R"(Bearer realm="orgapi", error="insufficient_scope", scope="points:write")",
       R"({"type":"/problems#scope","title":"This token may not do that.","status":403})"},
  };
  for (const auto& golden : all) {
    CAPTURE(to_string(golden.refusal));
    const auto said = describe(golden.refusal, "orgapi", "points:write");
    CHECK(said.status == golden.status);
    CHECK(said.www_authenticate == golden.challenge);
    CHECK(said.body == golden.body);
  }
}
