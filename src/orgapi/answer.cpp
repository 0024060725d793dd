#include "answer.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "log.hpp"

namespace tokenvault::orgapi {
namespace {

constexpr std::string_view kProblemType = "application/problem+json";

std::string text_of(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

Answer problem(const Problem& what) {
  return {.status = what.status,
          .type = std::string(kProblemType),
          .body = fmt::format(R"({{"type":"/problems#{}","title":"{}","status":{}}})", what.slug, what.title,
                              what.status)};
}

Answer problem(const Problem& what, std::string header, std::string value) {
  auto answer = problem(what);
  answer.headers.emplace_back(std::move(header), std::move(value));
  return answer;
}

Answer refusal(Refusal why, std::string_view scope) {
  auto said = describe(why, "orgapi", scope);
  return {.status = static_cast<unsigned>(said.status),
          .type = std::string(kProblemType),
          .body = std::move(said.body),
          .headers = {{"WWW-Authenticate", std::move(said.www_authenticate)}}};
}

Answer json_answer(unsigned status, const nlohmann::json& value) {
  return {.status = status, .type = "application/json", .body = text_of(value)};
}

Answer token_answer(const SecretBuffer& token, const nlohmann::json& value) {
  const auto rest = text_of(value);
  constexpr std::string_view kStart = R"({"token":")";
  Answer answer{.status = 201, .type = "application/json"};
  // All at once, so that no smaller buffer with the token in it is left behind.
  answer.body.reserve(kStart.size() + token.size() + 2 + rest.size());
  answer.body += kStart;
  for (const auto byte : token.expose()) answer.body += static_cast<char>(byte);
  answer.body += "\",";
  answer.body.append(rest, 1);
  return answer;
}

Answer asset_answer(const Asset& asset) {
  Answer answer{.status = 200, .type = std::string(asset.type), .asset = &asset};
  if (asset.gzip) answer.headers.emplace_back("Content-Encoding", "gzip");
  return answer;
}

Answer failure(const Error& error, std::string_view attempted) {
  switch (error.code()) {
    case Errc::invalid_argument: return problem(kField);
    case Errc::not_found: return problem(kNoToken);
    case Errc::conflict: return problem(kConflict);
    case Errc::expired:
    case Errc::rejected: return problem(kEnded);
    default: break;
  }
  log_failure(attempted, error);
  return error.code() == Errc::unavailable ? problem(kBusy, "Retry-After", "1") : problem(kInternal);
}

}  // namespace tokenvault::orgapi
