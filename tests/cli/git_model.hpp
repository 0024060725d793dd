#pragma once
#include <algorithm>
#include <map>
#include <optional>
#include <string>

/// The lines as git's own documentation has them; nothing where one is none.
inline std::optional<std::map<std::string, std::string>> git_model(std::string text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  std::map<std::string, std::string> values;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    const bool ended = end < text.size();
    text.erase(0, end + 1);
    if (ended && line.ends_with('\r')) line.pop_back();
    if (line.empty()) break;
    const auto equals = line.find('=');
    if (equals == 0 || equals == std::string::npos || line.find('\r') != std::string::npos ||
        line.find('\0') != std::string::npos)
      return std::nullopt;
    values[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return values;
}
