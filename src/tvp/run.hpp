#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "tokenvault/provider.hpp"
#include "tvp/conversation.hpp"
#include "tvp/redaction.hpp"
#include "tvp/request_text.hpp"

namespace tokenvault::tvp {

/// What a program's end means by itself, whatever it said.
enum class Outcome : std::uint8_t { done, refused, doubt };

/// A token that came while the program ran.
struct Arrival {
  bool came = false;
  bool unknown = false;  ///< there was no memory to remember it: nothing that was said can be shown
  SecretBuffer copy;
  std::optional<Error> failure;  ///< why it could not be kept
};

/// One verb of one program, over. Valid as long as the request's secrets are.
class Run {
 public:
  /// `keep`: for Verb::issue. Errors, before the program began: those of check_program(), invalid_argument,
  /// out_of_memory, io, forked; refused where the system does not run it.
  static Result<Run> of(const std::string& program, Verb verb, const ProviderRequest& request,
                        const KeepToken* keep);

  [[nodiscard]] Outcome outcome() const noexcept;
  [[nodiscard]] const std::string& answer() const noexcept { return said_.answer; }
  [[nodiscard]] bool brought_token() const noexcept { return arrival_.came; }
  [[nodiscard]] bool token_was_too_long() const noexcept { return said_.token_lost; }
  /// Errors: of the KeepToken.
  [[nodiscard]] Status kept() const;

  /// `text` of the program's, as one line without secrets.
  [[nodiscard]] std::string redacted(std::string_view text) const;
  [[nodiscard]] bool holds_secret(std::string_view text) const;
  /// One line: `fault`, or else how the program ended, and what it said itself, on descriptor 1 or else 2.
  [[nodiscard]] std::string reason(std::string_view fault, std::string_view message = {}) const;

 private:
  Run(Transcript said, Arrival arrival, std::chrono::seconds timeout) noexcept
      : said_(std::move(said)), arrival_(std::move(arrival)), timeout_(timeout) {}
  void know(const std::vector<NamedSecret>& secrets);
  [[nodiscard]] bool is_mute() const noexcept { return arrival_.unknown || said_.token_lost; }
  [[nodiscard]] std::string ending() const;
  [[nodiscard]] std::string words(std::string_view message) const;

  Transcript said_;
  Arrival arrival_;
  std::chrono::seconds timeout_;
  Redaction redaction_;
};

}  // namespace tokenvault::tvp
