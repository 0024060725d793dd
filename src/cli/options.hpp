#pragma once
#include <CLI/CLI.hpp>
#include <span>
#include <string>
#include <string_view>

#include "request.hpp"

namespace tokenvault::cli {

/// What one verb takes besides the global options.
struct VerbOptions {
  std::string_view words;
  void (*add)(CLI::App&, Request&);
};

/// The options of `request.verb`, if it has any of its own.
void add_verb_options(CLI::App& app, Request& request);
/// Those that every verb takes: where the vault is, what opens it, how to speak.
void add_global_options(CLI::App& app, Request& request);

// The verbs by what they work on: the table is in pieces.
[[nodiscard]] std::span<const VerbOptions> token_options() noexcept;
[[nodiscard]] std::span<const VerbOptions> key_options() noexcept;
[[nodiscard]] std::span<const VerbOptions> vault_options() noexcept;
[[nodiscard]] std::span<const VerbOptions> rotation_options() noexcept;
[[nodiscard]] std::span<const VerbOptions> helper_options() noexcept;

// Options that several verbs share.
void add_name(CLI::App& app, Request& request);
/// Which version of the token.
CLI::Option* add_number(CLI::App& app, Request& request);
/// Where a value comes from, and which bytes it may have.
void add_value(CLI::App& app, Request& request);
void add_label(CLI::App& app, Request& request);
/// The slots that carry over, or end, with a new master key.
void add_carried_keys(CLI::App& app, Request& request);

/// A check for CLI11: a whole number in decimal digits. CLI11 by itself reads 010 as octal.
[[nodiscard]] std::string decimal(const std::string& text);

}  // namespace tokenvault::cli
