/* A rotation at a provider that is a few C functions. */
#include <string.h>

#include "check.h"

static tv_error error = TV_ERROR_INIT;

/* A service with one token at a time per call, and what goes wrong there. */
typedef struct service {
  int issued, probed, revoked;
  int mute;         /* it answers nothing of use */
  tv_status failure; /* its functions fail before anything is asked */
  int keeps_garbage; /* it hands over more than a token can be */
} service;

static tv_status issue(void* user, const tv_request* request, tv_keep keep, void* keeper, tv_answer* answer) {
  service* at = user;
  static char token[TV_MAX_SECRET_SIZE + 1];
  tv_status kept;
  if (at->failure != TV_OK) return at->failure;
  CHECK(request->struct_size == sizeof *request && answer->struct_size == sizeof *answer);
  CHECK(strcmp(request->name, "acme/api") == 0 && strlen(request->rotation) == 22);
  CHECK(request->token_size > 0 && request->timeout_s > 0);
  if (at->mute) return TV_OK;
  snprintf(token, sizeof token, "token-%d", ++at->issued);
  kept = at->keeps_garbage ? keep(keeper, token, sizeof token) : keep(keeper, token, strlen(token));
  CHECK(kept == (at->keeps_garbage ? TV_E_REFUSED : TV_OK));
  answer->reply = TV_REPLY_DONE;
  snprintf(answer->id, sizeof answer->id, "id-%d", at->issued);
  return TV_OK;
}

static tv_status probe(void* user, const tv_request* request, tv_answer* answer) {
  service* at = user;
  if (at->failure != TV_OK) return at->failure;
  ++at->probed;
  answer->state = request->token_size >= 6 ? TV_TOKEN_VALID : TV_TOKEN_INVALID;
  return TV_OK;
}

static tv_status revoke(void* user, const tv_request* request, tv_answer* answer) {
  service* at = user;
  CHECK(request->token_size > 0 || request->id[0] != '\0');
  ++at->revoked;
  answer->reply = TV_REPLY_DONE;
  return TV_OK;
}

static tv_provider provider_at(service* at) {
  tv_provider provider = TV_PROVIDER_INIT;
  provider.issue_kind = TV_ISSUE_ONCE;
  provider.old_token = TV_OLD_KEPT;
  provider.user = at;
  provider.issue = issue;
  provider.probe = probe;
  provider.revoke = revoke;
  return provider;
}

static tv_vault* vault_with_token(void) {
  static const char key[32];
  tv_open_options options = TV_OPEN_OPTIONS_INIT;
  tv_vault* vault = NULL;
  options.uri = "memory:";
  options.key = key;
  options.key_size = sizeof key;
  EXPECT(TV_OK, tv_create(&options, &vault, &error));
  EXPECT(TV_OK, tv_put(vault, "acme/api", TV_NUL_TERMINATED, "by hand", 7, NULL, NULL, &error));
  return vault;
}

static int current_is(tv_vault* vault, const char* value) {
  char buffer[64];
  size_t size = 0;
  return tv_read(vault, "acme/api", TV_NUL_TERMINATED, NULL, buffer, sizeof buffer, &size, NULL, NULL) == TV_OK &&
         size == strlen(value) && memcmp(buffer, value, size) == 0;
}

#define ROTATE(step, flags) \
  tv_rotate(vault, "acme/api", TV_NUL_TERMINATED, &provider, step, flags, &rotation, &error)

static void a_token_goes_from_old_to_new(void) {
  service at = {0};
  const tv_provider provider = provider_at(&at);
  tv_vault* vault = vault_with_token();
  tv_rotation rotation = TV_ROTATION_INIT;
  EXPECT(TV_OK, ROTATE(TV_STEP_ROTATE, 0));
  CHECK(current_is(vault, "token-1"));
  CHECK(rotation.old_version == 1 && rotation.new_version == 2 && strlen(rotation.id) == 22);
  EXPECT(TV_OK, ROTATE(TV_STEP_ROTATE, 0));
  CHECK(current_is(vault, "token-2") && at.issued == 2 && at.probed >= 2);
  EXPECT(TV_OK, ROTATE(TV_STEP_RESUME, 0));
  CHECK(at.issued == 2 && at.revoked == 1);
  EXPECT(TV_OK, tv_rotate(vault, "acme/api", 8, NULL, TV_STEP_STATUS, 0, &rotation, &error));
  CHECK(rotation.new_version == 3);
  tv_vault_free(vault);
}

static void step_by_step(void) {
  service at = {0};
  const tv_provider provider = provider_at(&at);
  tv_vault* vault = vault_with_token();
  tv_rotation rotation = TV_ROTATION_INIT;
  EXPECT(TV_OK, ROTATE(TV_STEP_STATUS, 0));
  CHECK(rotation.phase == TV_PHASE_IDLE && rotation.started == TV_NO_TIME && rotation.next_try == TV_NO_TIME);
  EXPECT(TV_OK, ROTATE(TV_STEP_START, 0));
  CHECK(rotation.phase == TV_PHASE_INTENT && at.issued == 0);
  EXPECT(TV_E_NEEDS_HUMAN, tv_put(vault, "acme/api", 8, "x", 1, NULL, NULL, &error));
  EXPECT(TV_OK, ROTATE(TV_STEP_ISSUE, 0));
  CHECK(rotation.phase == TV_PHASE_STAGED && current_is(vault, "by hand"));
  EXPECT(TV_OK, ROTATE(TV_STEP_VERIFY, 0));
  CHECK(rotation.phase == TV_PHASE_VERIFIED);
  EXPECT(TV_OK, ROTATE(TV_STEP_PROMOTE, 0));
  CHECK(rotation.phase >= TV_PHASE_PROMOTED && current_is(vault, "token-1"));
  EXPECT(TV_OK, ROTATE(TV_STEP_RETIRE, TV_ROTATE_THEIRS));
  CHECK(rotation.phase == TV_PHASE_DONE && at.revoked == 1 && rotation.obligations == 0);
  EXPECT(TV_E_INVALID_ARGUMENT, ROTATE(99, 0));
  EXPECT(TV_E_UNSUPPORTED, ROTATE(TV_STEP_ROTATE, 1u << 31));
  tv_vault_free(vault);
}

static void a_mute_provider_changes_nothing(void) {
  service at = {0};
  const tv_provider provider = provider_at(&at);
  tv_vault* vault = vault_with_token();
  tv_rotation rotation = TV_ROTATION_INIT;
  at.failure = TV_E_UNREACHABLE;
  EXPECT(TV_E_UNREACHABLE, ROTATE(TV_STEP_ROTATE, 0));
  CHECK(current_is(vault, "by hand"));
  at.failure = 12345;
  CHECK(ROTATE(TV_STEP_RESUME, 0) != TV_OK && current_is(vault, "by hand"));
  at.failure = TV_OK;
  at.mute = 1;
  CHECK(ROTATE(TV_STEP_RESUME, 0) != TV_OK && current_is(vault, "by hand"));
  tv_vault_free(vault);
}

static void more_than_a_token_is_refused(void) {
  service at = {0};
  const tv_provider provider = provider_at(&at);
  tv_vault* vault = vault_with_token();
  tv_rotation rotation = TV_ROTATION_INIT;
  at.keeps_garbage = 1;
  CHECK(ROTATE(TV_STEP_ROTATE, 0) != TV_OK && current_is(vault, "by hand"));
  tv_vault_free(vault);
}

static void a_person_brings_it(void) {
  tv_provider provider = TV_PROVIDER_INIT;
  tv_vault* vault = vault_with_token();
  tv_rotation rotation = TV_ROTATION_INIT;
  EXPECT(TV_E_NEEDS_HUMAN, ROTATE(TV_STEP_ROTATE, 0));
  EXPECT(TV_OK, tv_rotate_stage(vault, "acme/api", 8, &provider, "brought", 7, &rotation, &error));
  CHECK(rotation.phase == TV_PHASE_STAGED && current_is(vault, "by hand"));
  EXPECT(TV_E_CONFLICT, tv_rotate_stage(vault, "acme/api", 8, &provider, "again", 5, NULL, &error));
  EXPECT(TV_OK, ROTATE(TV_STEP_PROMOTE, TV_ROTATE_UNVERIFIED));
  CHECK(current_is(vault, "brought"));
  tv_vault_free(vault);
}

static void nonsense_is_refused(void) {
  service at = {0};
  tv_provider provider = provider_at(&at);
  tv_vault* vault = vault_with_token();
  tv_rotation rotation = TV_ROTATION_INIT;
  EXPECT(TV_E_REFUSED, tv_rotate(vault, "acme/api", 8, NULL, TV_STEP_ROTATE, 0, &rotation, &error));
  EXPECT(TV_E_NOT_FOUND, tv_rotate(vault, "acme/b", 6, NULL, TV_STEP_ROTATE, 0, NULL, &error));
  EXPECT(TV_E_NOT_FOUND, tv_rotate(vault, "acme/b", 6, &provider, TV_STEP_ROTATE, 0, NULL, &error));
  provider.issue_kind = 3;
  EXPECT(TV_E_INVALID_ARGUMENT, ROTATE(TV_STEP_ROTATE, 0));
  provider = provider_at(&at);
  provider.issue = NULL;
  EXPECT(TV_E_INVALID_ARGUMENT, ROTATE(TV_STEP_ROTATE, 0));
  provider = provider_at(&at);
  provider.flags = 1u << 31;
  EXPECT(TV_E_UNSUPPORTED, ROTATE(TV_STEP_ROTATE, 0));
  provider.struct_size = 1;
  EXPECT(TV_E_INVALID_ARGUMENT, ROTATE(TV_STEP_ROTATE, 0));
  CHECK(at.issued == 0 && current_is(vault, "by hand"));
  tv_vault_free(vault);
}

int main(void) {
  a_token_goes_from_old_to_new();
  step_by_step();
  a_mute_provider_changes_nothing();
  more_than_a_token_is_refused();
  a_person_brings_it();
  nonsense_is_refused();
  return report();
}
