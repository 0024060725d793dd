#ifndef CHECK_H
#define CHECK_H
#include <stdio.h>

#include "tokenvault.h"

/* A test of the C functions in C: prints what did not hold, and goes on. Values are never printed. */
static int checks, failures;

#define CHECK(condition)                                                    \
  do {                                                                      \
    ++checks;                                                               \
    if (!(condition)) {                                                     \
      ++failures;                                                           \
      printf("%s:%d: %s\n", __FILE__, __LINE__, #condition);                \
    }                                                                       \
  } while (0)

/* That `call`, which fills `error`, ends as `wanted`. */
#define EXPECT(wanted, call)                                                                      \
  do {                                                                                            \
    tv_status got_;                                                                               \
    error = (tv_error)TV_ERROR_INIT;                                                              \
    got_ = (call);                                                                                \
    ++checks;                                                                                     \
    if (got_ != (wanted) || (got_ != TV_OK && (error.code != got_ || error.message[0] == '\0'))) { \
      ++failures;                                                                                 \
      printf("%s:%d: %s\n  gave %s, not %s: %s\n", __FILE__, __LINE__, #call, tv_status_name(got_), \
             tv_status_name(wanted), error.message);                                              \
    }                                                                                             \
  } while (0)

static int report(void) {
  printf("%d checks, %d failures\n", checks, failures);
  return failures != 0 || checks == 0;
}

#endif
