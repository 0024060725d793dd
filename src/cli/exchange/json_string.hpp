#pragma once
#include <cstddef>
#include <span>
#include <string_view>

#include "secret_output.hpp"

namespace tokenvault::cli {

/// What stands between the quotes of a JSON string whose characters `text` is, which has to be UTF-8. Errors: io.
Status put_json_text(SecretOutput& out, std::span<const std::byte> text);
Status put_json_text(SecretOutput& out, std::string_view text);

}  // namespace tokenvault::cli
