#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Name, value and expiry in seconds, of each token; nothing for a file that is not accepted.
struct Read {
  std::string name;
  std::string value;
  std::int64_t expires = 0;
  bool operator==(const Read&) const = default;
};
using Reading = std::optional<std::vector<Read>>;

// The same formats read again, by other means and in whole strings.
Reading tsv_model(const std::string& text);
/// The two expressions of npm's dotenv, versions 15 to 18.
Reading dotenv_model(const std::string& text);
Reading json_model(const std::string& text);
