#include "sqlite/database_file.hpp"

#include <fmt/format.h>

#include <cerrno>

#include "core/file_draft.hpp"
#include "core/mutant.hpp"
#include "core/try.hpp"

namespace tokenvault::sqlite {

Status admit_files(const std::string& path) {
  for (const char* suffix : {"-wal", "-shm", "-journal"})
    if (!mutated("sqlite.beside")) TV_CHECK(admit_file(path + suffix));
  TV_TRY(const bool present, admit_file(path));
  if (!present) return Error(Errc::no_vault, fmt::format("no vault at {}", path));
  return Ok{};
}

Status make_file(const std::string& path, std::span<const std::byte> bytes) {
  FileDraft draft(path);
  if (!draft.write(bytes) || (!draft.publish() && errno != EEXIST))
    return place_error(Errc::io, "make", path, errno);
  return mutated("sqlite.made_sync") ? Status(Ok{}) : sync_folder(folder_of(path));
}

}  // namespace tokenvault::sqlite
