#include "backup_file.hpp"

namespace tokenvault::cli {

Result<std::unique_ptr<Store>> open_backup(const std::string& place, bool create) {
  if (place.starts_with(kVariableScheme)) return open_env_store(place.substr(kVariableScheme.size()));
  StoreOptions options;
  options.create = create;
  options.max_size = std::size_t{1} << 30;
  return open_file_store(place, options);
}

}  // namespace tokenvault::cli
