#pragma once
#include <string_view>

#include "tokenvault/error.hpp"

namespace tokenvault::orgapi {

struct Answer;
struct Request;

/// One line on stderr: method, path, status, token id or "-". Nothing else of a request is ever written, and what is
/// long enough to hide a token in is cut. Thread-safe: each line is one write.
void log_answer(const Request& request, const Answer& answer) noexcept;
void log_failure(std::string_view attempted, const Error& error) noexcept;

}  // namespace tokenvault::orgapi
