#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "descriptor.hpp"
#include "failure.hpp"
#include "json.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "token_reader.hpp"
#include "try.hpp"
#include "value_input.hpp"
#include "verbs.hpp"

namespace tokenvault::cli {
namespace {

Status check_options(const Request& request) {
  const bool vault = request.format == "vault";
  if (vault && request.value.from_stdin)
    return Error(Errc::invalid_argument, "--format vault needs --from-file");
  if (vault && request.value.binary)
    return Error(Errc::invalid_argument, "--binary has no meaning with --format vault");
  if (!vault && request.source_key_file)
    return Error(Errc::invalid_argument, "--source-key-file goes with --format vault alone");
  return Ok{};
}

Result<Descriptor> open_input(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file && errno == ENOENT) return Error(Errc::no_key, "there is no file " + path);
  if (!file) return system_error("open " + path);
  return file;
}

std::unique_ptr<TokenReader> reader_of(std::string_view format, int fd) {
  if (format == "json") return read_json(fd);
  return format == "tsv" ? read_tsv(fd) : read_dotenv(fd);
}

/// The tokens of a file as they are to be stored, each checked, with the place in every complaint.
class Intake {
 public:
  Intake(TokenReader& reader, const Request& request)
      : reader_(reader), request_(request), progress_("tokens read", request.quiet) {}

  Result<std::optional<NewToken>> next() {
    given_ = false;
    TV_TRY(auto found, reader_.next());
    if (!found) return std::optional<NewToken>();
    auto& token = found->token;
    token.name.insert(0, request_.prefix);
    if (const auto named = check_name(token.name); !named) return at_place(named.error());
    const bool any_bytes = request_.value.binary || found->verbatim;
    if (const auto good = check_value(token.value, any_bytes); !good) return at_place(good.error());
    progress_.step();
    given_ = true;
    return std::optional(std::move(token));
  }

  /// Of an error of put_all(): what it has against the last token is told with its place.
  Error explain(const Error& error) const {
    return given_ && error.code() == Errc::invalid_argument ? at_place(error) : error;
  }

 private:
  Error at_place(const Error& error) const {
    return {error.code(), fmt::format("{}: {}", reader_.place(), error.message())};
  }

  TokenReader& reader_;
  const Request& request_;
  Progress progress_;
  bool given_ = false;
};

Existing existing_of(const Request& request) {
  if (request.replace) return Existing::replace;
  return request.skip ? Existing::skip : Existing::refuse;
}

Result<ImportReport> import_file(Vault& vault, const Request& request) {
  Descriptor file;
  if (!request.value.from_stdin) {
    TV_TRY(file, open_input(*request.value.from_file));
  }
  const auto reader = reader_of(request.format, file ? file.get() : STDIN_FILENO);
  Intake intake(*reader, request);
  auto report = vault.put_all([&] { return intake.next(); }, existing_of(request));
  if (!report) return intake.explain(report.error());
  return report;
}

/// Where a file is at fault, that is no error of the command line's.
int complain(const Error& error, const Request& request) {
  constexpr std::string_view kHint = "nothing was stored; mend the file and import it again";
  const bool exists = error.code() == Errc::already_exists;
  const auto hint = error.code() == Errc::invalid_argument ? kHint
                    : exists
                        ? "nothing was stored; --replace gives such names a new version, --skip leaves them"
                        : hint_of(error.code());
  const int code = error.code() == Errc::invalid_argument ? 1 : exit_of(error.code());
  return report(error, hint, request.json, code);
}

Status tell(const ImportReport& report, const Session& session) {
  if (session.request.json) return print(json_import(report));
  session.notice(fmt::format("imported {} tokens ({} new, {} replaced, {} skipped)",
                             report.added + report.replaced, report.added, report.replaced, report.skipped));
  return Ok{};
}

}  // namespace

Result<int> run_import(const Session& session) {
  const auto& request = session.request;
  TV_CHECK(check_options(request));
  TV_TRY(auto vault, session.vault());
  const auto report = import_file(vault, request);
  if (!report) return complain(report.error(), request);
  session.warn_of_anchor(vault);
  TV_CHECK(tell(*report, session));
  return kDone;
}

}  // namespace tokenvault::cli
