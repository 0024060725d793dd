#include "export_format.hpp"

#include <algorithm>
#include <array>

#include "utf8_check.hpp"

namespace tokenvault::cli {

const ExportFormat* find_export_format(std::string_view name) noexcept {
  static constexpr std::array kFormats{&kJsonExport, &kDotenvExport, &kShellExport, &kDockerExport,
                                       &kTsvExport};
  const auto found = std::ranges::find(kFormats, name, &ExportFormat::name);
  return found == kFormats.end() ? nullptr : *found;
}

bool is_utf8(ExportFormat::Value value) noexcept {
  Utf8Check characters;
  return std::ranges::all_of(value,
                             [&](std::byte byte) { return characters.accept(std::to_integer<int>(byte)); }) &&
         characters.complete();
}

bool has_byte(ExportFormat::Value value, char byte) noexcept {
  return std::ranges::find(value, static_cast<std::byte>(byte)) != value.end();
}

bool ends_with(ExportFormat::Value value, char byte) noexcept {
  return !value.empty() && value.back() == static_cast<std::byte>(byte);
}

bool is_file_variable(std::string_view name) noexcept {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  });
}

}  // namespace tokenvault::cli
