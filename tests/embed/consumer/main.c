/* What a C program that embeds the library needs to know of it: one header, and one dependency. */
#include <tokenvault.h>

#include <stdio.h>
#include <string.h>

static const char kName[] = "acme/claimr";
static const char kValue[] = "an example, not a token";

static tv_status keep_and_read_back(tv_vault* vault, tv_error* error) {
  char read[sizeof kValue] = {0};
  size_t size = 0;
  tv_status status = tv_put(vault, kName, TV_NUL_TERMINATED, kValue, sizeof kValue, NULL, NULL, error);
  if (status != TV_OK) return status;
  status = tv_read(vault, kName, TV_NUL_TERMINATED, NULL, read, sizeof read, &size, NULL, error);
  if (status != TV_OK) return status;
  return size == sizeof kValue && memcmp(read, kValue, size) == 0 ? TV_OK : TV_E_INTERNAL;
}

int main(void) {
  tv_error error = TV_ERROR_INIT;
  tv_open_options options = TV_OPEN_OPTIONS_INIT;
  tv_vault* vault = NULL;
  options.uri = "vault.db";
  options.key_file = "vault.key";
  tv_status status = tv_make_key_file(options.key_file, &error);
  if (status == TV_OK) status = tv_create(&options, &vault, &error);
  if (status == TV_OK) status = keep_and_read_back(vault, &error);
  tv_vault_free(vault);
  puts(status == TV_OK ? "kept and read back" : error.message);
  return status == TV_OK ? 0 : 1;
}
