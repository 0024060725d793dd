// Quoted so that npm's dotenv and our own import read the same bytes. There is no escape for a quote, so each
// value takes the first kind that it does not disturb.
#include "../try.hpp"
#include "export_format.hpp"

namespace tokenvault::cli {
namespace {

constexpr char kNone = '\0';
constexpr char kBare = ' ';

/// Whether a backslash stands before n or r, which double quotes would make a line end of.
bool has_line_escape(ExportFormat::Value value) {
  for (std::size_t i = 1; i < value.size(); ++i)
    if (value[i - 1] == std::byte{'\\'} && (value[i] == std::byte{'n'} || value[i] == std::byte{'r'}))
      return true;
  return false;
}

/// Within quotes a carriage return becomes a line feed, and a backslash at the end takes the quote with it.
bool survives(ExportFormat::Value value, char quote) {
  if (has_byte(value, quote) || ends_with(value, '\\')) return false;
  return quote == '"' ? !has_line_escape(value) : !has_byte(value, '\r');
}

bool survives_bare(ExportFormat::Value value) {
  for (const auto byte : value)
    if (byte < std::byte{' '} || byte > std::byte{'~'} || byte == std::byte{'#'}) return false;
  const auto first = std::to_integer<char>(value.front());
  return first != ' ' && first != '\'' && first != '"' && first != '`' && !ends_with(value, ' ');
}

char quote_for(ExportFormat::Value value) {
  for (const char quote : {'\'', '"', '`'})
    if (survives(value, quote)) return quote;
  return survives_bare(value) ? kBare : kNone;
}

std::string_view obstacle(ExportFormat::Value value) {
  if (has_byte(value, '\0')) return "it has a NUL byte";
  if (!is_utf8(value)) return "it is not UTF-8";
  return quote_for(value) == kNone ? "no kind of quotes keeps it as it is" : std::string_view();
}

Status write_quoted(SecretOutput& out, ExportFormat::Value value, char quote) {
  TV_CHECK(out.put(static_cast<std::byte>(quote)));
  for (const auto byte : value) {
    if (quote == '"' && byte == std::byte{'\n'}) {
      TV_CHECK(out.put("\\n"));
    } else if (quote == '"' && byte == std::byte{'\r'}) {
      TV_CHECK(out.put("\\r"));
    } else {
      TV_CHECK(out.put(byte));
    }
  }
  return out.put(static_cast<std::byte>(quote));
}

Status write(SecretOutput& out, const ExportLine& line, ExportFormat::Value value) {
  TV_CHECK(out.put(line.name));
  TV_CHECK(out.put("="));
  const char quote = quote_for(value);
  TV_CHECK(quote == kBare ? out.put(value) : write_quoted(out, value, quote));
  return out.put("\n");
}

}  // namespace

const ExportFormat kDotenvExport{
    .name = "dotenv",
    .head = {},
    .between = {},
    .tail = {},
    .carries_name = is_file_variable,
    .obstacle = obstacle,
    .write = write,
};

}  // namespace tokenvault::cli
