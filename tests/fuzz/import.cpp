// The files that `import` reads: the first byte says of which form, the rest is read by the program's reader and by a
// model that shares nothing with it (tests/cli/reader_models.hpp).
#include <array>
#include <memory>
#include <string>

#include "cli/mutator.hpp"
#include "cli/reader_models.hpp"
#include "exchange/token_reader.hpp"
#include "target.hpp"

using namespace tokenvault;
using namespace tokenvault::fuzz;

namespace {

struct Form {
  std::unique_ptr<cli::TokenReader> (*open)(int fd);
  Reading (*model)(const std::string& text);
  bool exact;  ///< what the model accepts is accepted too
};
constexpr std::array kForms{
    Form{cli::read_tsv, tsv_model, true},
    Form{cli::read_dotenv, dotenv_model, false},
    Form{cli::read_json, json_model, true},
};

Reading read(cli::TokenReader& reader) {
  std::vector<Read> tokens;
  for (;;) {
    auto found = reader.next();
    if (!found) {
      check_error(found.error(), {Errc::invalid_argument, Errc::refused});
      must(found.error().message().find("line ") != std::string::npos, "a fault has a place");
      return std::nullopt;
    }
    if (!*found) return tokens;
    must(!reader.place().empty(), "a token has a place");
    const auto& token = (*found)->token;
    const auto expires = token.expires ? token.expires->time_since_epoch().count() : 0;
    tokens.push_back({token.name, std::string(as_text(token.value.expose())), expires});
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Feed feed;
  if (size == 0) return 0;
  const auto& form = kForms[data[0] % kForms.size()];
  const std::string text(text_of(data + 1, size - 1));
  const auto found = read(*form.open(feed.of(text)));
  if (found || form.exact) must(found == form.model(text), "what is read is what a model reads");
  check_memory();
  return 0;
}
