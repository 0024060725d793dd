#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "tokenvault/key_source.hpp"
#include "tokenvault/store.hpp"

namespace tokenvault::test {

using Json = nlohmann::json;

/// The list in one of the JSON files here.
Json vectors_in(const std::string& file);

/// A file that stands beside them.
Bytes vector_file(const std::string& file);

Bytes from_hex_text(const std::string& text);
Bytes from_base64(const std::string& text);

/// A key as README.md writes it.
Result<KeySource> key_of(const Json& key);

/// Whether `bytes` are what an item says, which may be a digest and a length.
bool is_value(BytesView bytes, const std::string& written);

}  // namespace tokenvault::test
