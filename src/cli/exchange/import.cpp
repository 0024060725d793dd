#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "../backup_file.hpp"
#include "../descriptor.hpp"
#include "../failure.hpp"
#include "../json.hpp"
#include "../output.hpp"
#include "../try.hpp"
#include "../value_input.hpp"
#include "../verbs.hpp"
#include "progress.hpp"
#include "token_reader.hpp"

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

/// A file and who reads it; a vault is opened by the library, and stdin is open already.
struct Source {
  Descriptor file;
  std::unique_ptr<TokenReader> reader;
};

/// Without anchors: a backup is older than what this machine has seen of its vault, and is meant to be.
Result<Source> open_vault_source(const Request& request, const KeySource& key) {
  TV_TRY(auto store, open_backup(*request.value.from_file, false));
  std::optional<KeySource> own;
  if (request.source_key_file) {
    TV_TRY(own, key_from_file(*request.source_key_file));
  }
  TV_TRY(auto vault, Vault::open(std::move(store), own ? *own : key));
  Source source;
  TV_TRY(source.reader, read_vault(std::move(vault)));
  return source;
}

Result<Source> open_source(const Request& request, const KeySource& key) {
  if (request.format == "vault") return open_vault_source(request, key);
  Source source;
  if (!request.value.from_stdin) {
    TV_TRY(source.file, open_input(*request.value.from_file));
  }
  const int fd = source.file ? source.file.get() : STDIN_FILENO;
  source.reader = request.format == "json"  ? read_json(fd)
                  : request.format == "tsv" ? read_tsv(fd)
                                            : read_dotenv(fd);
  return source;
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

  /// Of an error of put_all(): all that it has against a token that passed here is its name's second time.
  /// In a file with its columns swapped the name is the value, so it is not said.
  Error explain(const Error& error) const {
    if (!given_ || error.code() != Errc::invalid_argument) return error;
    return {Errc::invalid_argument, reader_.place() + ": the name is given twice"};
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

Result<ImportReport> import_from(TokenReader& reader, Vault& vault, const Request& request) {
  Intake intake(reader, request);
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
  TV_TRY(auto place, session.place());
  if (place.store == nullptr) return Error(Errc::read_only, "plain variables cannot be written");
  TV_TRY(const auto key, session.key(*place.store));
  TV_TRY(auto vault, Vault::open(std::move(place.store), key, session.options()));
  TV_TRY(const auto source, open_source(request, key));
  const auto report = import_from(*source.reader, vault, request);
  if (!report) return complain(report.error(), request);
  session.warn_of_anchor(vault);
  TV_CHECK(tell(*report, session));
  return kDone;
}

}  // namespace tokenvault::cli
