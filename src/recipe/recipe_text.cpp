#include "recipe/recipe_text.hpp"

#include <fmt/format.h>

#include <set>

#include "recipe/faults.hpp"

namespace tokenvault::recipe {

namespace {

constexpr int kMaxDepth = 24;

/// Hears what the parser reads: a second member of one name would be dropped without a word.
class Watch {
 public:
  bool operator()(int depth, Document::parse_event_t event, const Document& parsed) {
    if (depth > kMaxDepth) note("it is more than 24 levels deep");
    if (event == Document::parse_event_t::object_start) seen_.emplace_back();
    if (event == Document::parse_event_t::object_end) seen_.pop_back();
    if (event != Document::parse_event_t::key) return true;
    const auto& name = *parsed.get_ptr<const std::string*>();
    if (!seen_.back().insert(name).second)
      note(fmt::format("the member \"{}\" stands twice in one object", name));
    return true;
  }

  [[nodiscard]] const std::string& fault() const noexcept { return fault_; }

 private:
  void note(std::string fault) {
    if (fault_.empty()) fault_ = std::move(fault);
  }

  std::vector<std::set<std::string>> seen_;
  std::string fault_;
};

}  // namespace

Result<Document> parse_recipe_text(std::string_view text) {
  Watch watch;
  const auto hear = [&](int depth, Document::parse_event_t event, Document& parsed) {
    return watch(depth, event, parsed);
  };
  auto document = Document::parse(text, hear, false, true);
  if (document.is_discarded()) return fault_at("", "it is not JSON");
  if (!watch.fault().empty()) return fault_at("", watch.fault());
  if (!document.is_object()) return fault_at("", "it is not a JSON object");
  return document;
}

}  // namespace tokenvault::recipe
