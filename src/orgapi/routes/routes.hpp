#pragma once
#include <span>
#include <string_view>

#include "../service.hpp"

namespace tokenvault::orgapi {

/// One method of one path. `{id}` in it is one word, which is handed to `serve`.
struct Route {
  std::string_view method, path;
  Answer (*serve)(Service& service, const Request& request, std::string_view id);
};

// Static storage each; thread-safe.
std::span<const Route> token_routes() noexcept;
std::span<const Route> user_routes() noexcept;
std::span<const Route> admin_routes() noexcept;

}  // namespace tokenvault::orgapi
