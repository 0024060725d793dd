/* What getting a token costs without any language around it, for clients.py. The functions come from there, so
   that it is the same library, and the same vault. */
#include <time.h>

#include "tokenvault.h"

static char buffer[TV_MAX_SECRET_SIZE];

static double now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return (double)at.tv_sec + (double)at.tv_nsec * 1e-9;
}

/* Seconds for `count` of tv_read(); negative where one fails. */
double read_cost(tv_status (*reads)(tv_vault*, const char*, size_t, const tv_get_options*, void*, size_t,
                                    size_t*, uint32_t*, tv_error*),
                 tv_vault* vault, const char* name, size_t size, int count) {
  tv_error error = TV_ERROR_INIT;
  size_t got = 0;
  const double start = now();
  for (int i = 0; i < count; ++i)
    if (reads(vault, name, size, NULL, buffer, sizeof buffer, &got, NULL, &error) != TV_OK) return -1;
  return now() - start;
}

/* The same of tv_get(), tv_secret_copy() and tv_secret_free(). */
double get_cost(tv_status (*gets)(tv_vault*, const char*, size_t, const tv_get_options*, tv_secret**,
                                  tv_error*),
                tv_status (*copies)(const tv_secret*, void*, size_t, size_t*, tv_error*),
                void (*frees)(tv_secret*), tv_vault* vault, const char* name, size_t size, int count) {
  tv_error error = TV_ERROR_INIT;
  tv_secret* secret = NULL;
  size_t got = 0;
  const double start = now();
  for (int i = 0; i < count; ++i) {
    if (gets(vault, name, size, NULL, &secret, &error) != TV_OK ||
        copies(secret, buffer, sizeof buffer, &got, &error) != TV_OK)
      return -1;
    frees(secret);
  }
  return now() - start;
}
