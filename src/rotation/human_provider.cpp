#include "tokenvault/human_provider.hpp"

#include <fmt/format.h>

#include "core/try.hpp"

namespace tokenvault {
namespace {

using Settings = std::map<std::string, std::string>;

class HumanProvider final : public Provider {
 public:
  explicit HumanProvider(ProviderCapabilities capabilities) : capabilities_(std::move(capabilities)) {}

  Result<ProviderCapabilities> describe() override { return capabilities_; }
  Result<IssueAnswer> issue(const ProviderRequest&, const KeepToken&) override {
    IssueAnswer answer;
    answer.reply = Reply::refused;
    answer.message = "a person gets the token";
    return answer;
  }
  Result<ProbeAnswer> probe(const ProviderRequest&) override { return ProbeAnswer{}; }

 private:
  ProviderCapabilities capabilities_;
};

std::string setting(const Settings& settings, const std::string& key) {
  const auto found = settings.find(key);
  return found == settings.end() ? std::string() : found->second;
}

Result<OldToken> old_of(const Settings& settings) {
  const auto word = setting(settings, "old");
  if (word.empty() || word == "dies") return OldToken::dies;
  if (word == "kept") return OldToken::kept;
  if (word == "expires") return OldToken::expires;
  return Error(Errc::invalid_argument, "the setting old says kept, expires or dies");
}

std::vector<std::string> usual_steps(const std::string& url) {
  return {url.empty() ? "open the admin page of whoever issues the token, and sign in" : "open " + url,
          "have it make a new token: it is often shown once, and the old one may end at once",
          "copy it, and bring it here before the page is closed"};
}

std::vector<std::string> steps_of(const Settings& settings) {
  std::vector<std::string> steps;
  for (int number = 1;; ++number) {
    auto step = setting(settings, fmt::format("step{}", number));
    if (step.empty()) break;
    steps.push_back(std::move(step));
  }
  return steps.empty() ? usual_steps(setting(settings, "url")) : steps;
}

}  // namespace

Result<std::unique_ptr<Provider>> open_human_provider(const Settings& settings) {
  ProviderCapabilities capabilities;
  TV_TRY(capabilities.old, old_of(settings));
  capabilities.probe = false;
  capabilities.steps = steps_of(settings);
  if (const auto sound = check_capabilities(capabilities); !sound)
    return Error(Errc::invalid_argument,
                 "the settings step1 to step20, and url, are lines of up to 195 bytes");
  return std::unique_ptr<Provider>(std::make_unique<HumanProvider>(std::move(capabilities)));
}

}  // namespace tokenvault
