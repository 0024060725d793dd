#include "recipe/words.hpp"

#include <fmt/format.h>

#include "core/try.hpp"
#include "recipe/instant.hpp"

namespace tokenvault::recipe {

Words::Words(const Request& request, const Credentials& credentials, Time now)
    : request_(&request), credentials_(&credentials) {
  if (request.overlap > 0) overlap_ = std::to_string(request.overlap);
  if (!request.lifetime) return;
  const auto end = now + std::chrono::seconds{*request.lifetime};
  expires_ = to_rfc3339(end);
  expires_date_ = date_text(end);
}

std::string_view Words::secret(std::string_view name) const {
  const auto* found = credentials_->find(name);
  return found == nullptr ? std::string_view() : text_of(*found);
}

std::string_view Words::setting(const std::string& name) const {
  const auto found = request_->settings.find(name);
  return found == request_->settings.end() ? std::string_view() : std::string_view(found->second);
}

std::string_view Words::value(const Part& part) const {
  switch (*part.word) {
    case Word::token: return secret("token");
    case Word::current: return secret("current");
    case Word::id: return request_->id ? std::string_view(*request_->id) : std::string_view();
    case Word::rotation: return request_->rotation;
    case Word::name: return request_->name;
    case Word::overlap: return overlap_;
    case Word::expires: return expires_;
    case Word::expires_date: return expires_date_;
    case Word::set: return setting(part.key);
    case Word::secret: return secret(part.key);
  }
  return {};
}

bool Words::has(const Part& part) const { return !part.word || !value(part).empty(); }

Status Words::fill(const Template& text, Encoding encoding, SecretText& into) const {
  for (const auto& part : text.parts()) {
    if (!has(part)) {
      return Error(Errc::refused,
                   fmt::format("fill in the recipe: the request has nothing for {}", to_string(part)));
    }
    // What the recipe says itself is an address already where it is for one.
    const auto as = part.word || encoding != Encoding::address ? encoding : Encoding::plain;
    if (auto filled = append_encoded(into, part.word ? value(part) : part.literal, as); !filled) {
      if (filled.error().code() != Errc::invalid_argument) return filled;
      return Error(Errc::refused,
                   fmt::format("fill in the recipe: {} {}", to_string(part), filled.error().message()));
    }
  }
  return Ok{};
}

}  // namespace tokenvault::recipe
