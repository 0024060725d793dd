// Formats without any escape: a name, a separator, and the value as it is up to the end of the line.
#include "../try.hpp"
#include "export_format.hpp"
#include "tokenvault/name.hpp"

namespace tokenvault::cli {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

Status write_line(SecretOutput& out, std::string_view name, std::string_view separator,
                  ExportFormat::Value value) {
  TV_CHECK(out.put(name));
  TV_CHECK(out.put(separator));
  TV_CHECK(out.put(value));
  return out.put("\n");
}

std::string_view line_obstacle(ExportFormat::Value value) {
  if (has_byte(value, '\n')) return "it has a line end";
  return ends_with(value, '\r') ? "it ends with a carriage return" : std::string_view();
}

/// Newer versions of docker take a pair of quotes off both ends, older ones keep it.
bool is_in_quotes(ExportFormat::Value value) {
  const bool quote = value.front() == std::byte{'\''} || value.front() == std::byte{'"'};
  return value.size() > 1 && quote && value.front() == value.back();
}

std::string_view docker_obstacle(ExportFormat::Value value) {
  if (has_byte(value, '\0')) return "it has a NUL byte";
  if (!is_utf8(value)) return "it is not UTF-8";
  if (is_in_quotes(value)) return "it begins and ends with a quote, which some versions of docker take off";
  return line_obstacle(value);
}

}  // namespace

const ExportFormat kDockerExport{
    .name = "docker-env",
    .head = {},
    .between = {},
    .tail = {},
    .carries_name = is_file_variable,
    .obstacle = docker_obstacle,
    .write = [](SecretOutput& out, const ExportLine& line,
                ExportFormat::Value value) { return write_line(out, line.name, "=", value); },
};

const ExportFormat kTsvExport{
    .name = "tsv",
    .head = {},
    .between = {},
    .tail = {},
    .carries_name =
        [](std::string_view name) {
          return check_name(name).has_value() && !name.starts_with(kByteOrderMark);
        },
    .obstacle = line_obstacle,
    .write = [](SecretOutput& out, const ExportLine& line,
                ExportFormat::Value value) { return write_line(out, line.name, "\t", value); },
};

}  // namespace tokenvault::cli
