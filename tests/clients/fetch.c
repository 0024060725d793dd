/* Writes a token to standard output, from the vault that the `tokenvault` command opens here. */
#include <stdio.h>
#include <unistd.h>

#include "tokenvault.h"

int main(int argc, char** argv) {
  tv_open_options options = TV_OPEN_OPTIONS_INIT;
  tv_error error = TV_ERROR_INIT;
  tv_vault* vault = NULL;
  tv_secret* token = NULL;
  ssize_t written = -1;
  options.flags = TV_OPEN_DEFAULTS;
  if (argc != 2) return 2;
  if (tv_open(&options, &vault, &error) == TV_OK &&
      tv_get(vault, argv[1], TV_NUL_TERMINATED, NULL, &token, &error) == TV_OK)
    written = write(STDOUT_FILENO, tv_secret_data(token), tv_secret_size(token));
  else
    fprintf(stderr, "%s\n", error.message);
  tv_secret_free(token);
  tv_vault_free(vault);
  return written < 0;
}
