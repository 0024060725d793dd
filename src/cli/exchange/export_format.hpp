#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "secret_output.hpp"
#include "tokenvault/clock.hpp"

namespace tokenvault::cli {

/// What an export says of a token besides its value.
struct ExportLine {
  std::string name;  ///< in the file: the token's, or that of a variable
  std::optional<Time> expires;
};

/// One way to write tokens down. What it says it carries comes out of its own readers byte for byte.
struct ExportFormat {
  using Value = std::span<const std::byte>;

  std::string_view name;
  std::string_view head, between, tail;
  bool (*carries_name)(std::string_view name);
  /// What of the value it cannot carry; empty where it can.
  std::string_view (*obstacle)(Value value);
  Status (*write)(SecretOutput& out, const ExportLine& line, Value value);
};

/// Nullptr for anything but json, dotenv, sh, docker-env and tsv.
[[nodiscard]] const ExportFormat* find_export_format(std::string_view name) noexcept;

// One in a file each.
extern const ExportFormat kJsonExport;
extern const ExportFormat kDotenvExport;
extern const ExportFormat kShellExport;
extern const ExportFormat kDockerExport;
extern const ExportFormat kTsvExport;

// What several of them ask.
[[nodiscard]] bool is_utf8(ExportFormat::Value value) noexcept;
[[nodiscard]] bool has_byte(ExportFormat::Value value, char byte) noexcept;
[[nodiscard]] bool ends_with(ExportFormat::Value value, char byte) noexcept;
/// Letters, digits, '_', '.' and '-'.
[[nodiscard]] bool is_file_variable(std::string_view name) noexcept;

}  // namespace tokenvault::cli
