#pragma once

#define TV_CONCAT_(a, b) a##b
#define TV_CONCAT(a, b) TV_CONCAT_(a, b)

/// `TV_TRY(auto x, f());` declares x from f()'s value or returns f()'s error: for functions that return a
/// Result. No other public header includes this one.
#define TV_TRY(declaration, ...) TV_TRY_(TV_CONCAT(result_, __COUNTER__), declaration, __VA_ARGS__)
#define TV_TRY_(result, declaration, ...)        \
  auto result = (__VA_ARGS__);                   \
  if (!result) return std::move(result).error(); \
  declaration = *std::move(result)

/// The same for a Status, or for a value that nobody needs.
#define TV_CHECK(...) TV_CHECK_(TV_CONCAT(status_, __COUNTER__), __VA_ARGS__)
#define TV_CHECK_(status, ...) \
  if (auto status = (__VA_ARGS__); !status) return std::move(status).error()
