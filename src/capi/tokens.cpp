#include "capi/border.hpp"
#include "tokenvault/try.hpp"

namespace tokenvault::capi {
namespace {

Status hand_out_tokens(std::vector<TokenInfo> found, tv_tokens** out) {
  return hand_out(held().tokens, std::make_unique<const std::vector<TokenInfo>>(std::move(found)), out);
}

Error beyond_the_end(const char* what) {
  return {Errc::not_found, std::string("no ") + what + " at that index"};
}

tv_token_info describe(const TokenInfo& token) {
  tv_token_info answer = TV_TOKEN_INFO_INIT;
  answer.version = token.version;
  answer.name = token.name.c_str();
  answer.label = token.label.c_str();
  answer.created = token.version == 0 ? TV_NO_TIME : seconds(token.created);
  answer.expires = seconds(token.expires);
  answer.suspect_version = token.suspect ? token.suspect->version : 0;
  answer.version_count = static_cast<std::uint32_t>(token.versions.size());
  answer.phase = token.rotation ? static_cast<std::uint32_t>(token.rotation->phase) : TV_PHASE_IDLE;
  return answer;
}

tv_version_info describe(const VersionInfo& version) {
  tv_version_info answer = TV_VERSION_INFO_INIT;
  answer.number = version.number;
  answer.stage = static_cast<std::uint32_t>(version.stage);
  answer.created = seconds(version.created);
  answer.expires = seconds(version.expires);
  return answer;
}

}  // namespace
}  // namespace tokenvault::capi

using namespace tokenvault;

tv_status tv_list(tv_vault* vault, const char* prefix, size_t prefix_size, tv_tokens** out, tv_error* error) {
  return capi::guarded(error, [&]() -> Status {
    if (out == nullptr) return capi::null_output();
    *out = nullptr;
    const auto open = capi::use(vault);
    if (!open) return capi::bad_handle("vault");
    TV_TRY(const auto text, capi::text_of(prefix, prefix_size, true));
    TV_TRY(auto found, open->list(text));
    return capi::hand_out_tokens(std::move(found), out);
  });
}

tv_status tv_info(tv_vault* vault, const char* name, size_t name_size, tv_tokens** out, tv_error* error) {
  return capi::guarded(error, [&]() -> Status {
    if (out == nullptr) return capi::null_output();
    *out = nullptr;
    const auto open = capi::use(vault);
    if (!open) return capi::bad_handle("vault");
    TV_TRY(const auto text, capi::text_of(name, name_size));
    TV_TRY(auto found, open->info(text));
    std::vector<TokenInfo> one;
    one.push_back(std::move(found));
    return capi::hand_out_tokens(std::move(one), out);
  });
}

size_t tv_tokens_count(const tv_tokens* tokens) {
  const auto held = capi::use(tokens);
  return held ? (*held)->size() : 0;
}

tv_status tv_tokens_at(const tv_tokens* tokens, size_t index, tv_token_info* out, tv_error* error) {
  return capi::guarded(error, [&]() -> Status {
    TV_CHECK(capi::check_output(out));
    const auto held = capi::use(tokens);
    if (!held) return capi::bad_handle("list of tokens");
    if (index >= (*held)->size()) return capi::beyond_the_end("token");
    capi::write_struct(out, capi::describe((**held)[index]));
    return Ok{};
  });
}

tv_status tv_tokens_version(const tv_tokens* tokens, size_t index, size_t at, tv_version_info* out,
                            tv_error* error) {
  return capi::guarded(error, [&]() -> Status {
    TV_CHECK(capi::check_output(out));
    const auto held = capi::use(tokens);
    if (!held) return capi::bad_handle("list of tokens");
    if (index >= (*held)->size()) return capi::beyond_the_end("token");
    const auto& versions = (**held)[index].versions;
    if (at >= versions.size()) return capi::beyond_the_end("version");
    capi::write_struct(out, capi::describe(versions[at]));
    return Ok{};
  });
}

void tv_tokens_free(tv_tokens* tokens) { capi::free_handle(capi::held().tokens, tokens); }
