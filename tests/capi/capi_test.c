/* What the C functions promise, from C11, in a folder of its own. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define NUL TV_NUL_TERMINATED

static tv_error error = TV_ERROR_INIT;
static const char kKey[32] = "thirty-two bytes of a test's key";

static tv_open_options memory_options(void) {
  tv_open_options options = TV_OPEN_OPTIONS_INIT;
  options.uri = "memory:";
  options.key = kKey;
  options.key_size = sizeof kKey;
  return options;
}

static tv_vault* memory_vault(void) {
  const tv_open_options options = memory_options();
  tv_vault* vault = NULL;
  EXPECT(TV_OK, tv_create(&options, &vault, &error));
  return vault;
}

static int holds(const tv_secret* secret, const char* value) {
  return tv_secret_size(secret) == strlen(value) && memcmp(tv_secret_data(secret), value, strlen(value)) == 0;
}

static void put(tv_vault* vault, const char* name, const char* value) {
  EXPECT(TV_OK, tv_put(vault, name, NUL, value, strlen(value), NULL, NULL, &error));
}

static void the_library_names_itself(void) {
  tv_protection_info protection = TV_PROTECTION_INFO_INIT;
  CHECK(tv_abi_version() >= TV_ABI_VERSION);
  CHECK(strcmp(tv_version(), EXPECTED_VERSION) == 0);
  CHECK(strcmp(tv_status_name(TV_OK), "ok") == 0);
  CHECK(strcmp(tv_status_name(TV_E_WRONG_KEY), "wrong_key") == 0);
  CHECK(strcmp(tv_status_name(TV_E_REJECTED), "rejected") == 0);
  CHECK(strcmp(tv_status_name(99), "unknown") == 0 && strcmp(tv_status_name(-1), "unknown") == 0);
  EXPECT(TV_OK, tv_protection(&protection, &error));
  EXPECT(TV_E_INVALID_ARGUMENT, tv_protection(NULL, &error));
}

static void a_value_goes_in_and_comes_out(void) {
  tv_vault* vault = memory_vault();
  tv_secret* secret = NULL;
  tv_get_options previous = TV_GET_OPTIONS_INIT;
  uint32_t version = 0;
  char buffer[8];
  size_t size = 0;
  previous.flags = TV_GET_PREVIOUS;

  EXPECT(TV_OK, tv_put(vault, "acme/api", NUL, "first", 5, NULL, &version, &error));
  CHECK(version == 1);
  EXPECT(TV_OK, tv_put(vault, "acme/api and more", 8, "second", 6, NULL, &version, &error));
  CHECK(version == 2);
  EXPECT(TV_OK, tv_get(vault, "acme/api", NUL, NULL, &secret, &error));
  CHECK(holds(secret, "second") && tv_secret_version(secret) == 2);
  EXPECT(TV_OK, tv_secret_copy(secret, buffer, sizeof buffer, &size, &error));
  CHECK(size == 6 && memcmp(buffer, "second", 6) == 0);
  EXPECT(TV_E_REFUSED, tv_secret_copy(secret, buffer, 5, &size, &error));
  tv_secret_free(secret);
  EXPECT(TV_OK, tv_get(vault, "acme/api", NUL, &previous, &secret, &error));
  CHECK(holds(secret, "first") && tv_secret_version(secret) == 1);
  tv_vault_free(vault);
  CHECK(holds(secret, "first"));
  tv_secret_free(secret);
}

static void a_value_comes_into_a_buffer_at_once(void) {
  tv_vault* vault = memory_vault();
  char buffer[8] = "-------";
  size_t size = 0;
  uint32_t version = 0;
  put(vault, "acme/api", "value");
  EXPECT(TV_OK, tv_read(vault, "acme/api", NUL, NULL, buffer, sizeof buffer, &size, &version, &error));
  CHECK(size == 5 && version == 1 && memcmp(buffer, "value--", 8) == 0);
  memset(buffer, '-', sizeof buffer);
  EXPECT(TV_E_REFUSED, tv_read(vault, "acme/api", NUL, NULL, buffer, 4, &size, &version, &error));
  CHECK(size == 5 && buffer[0] == '-');
  EXPECT(TV_E_REFUSED, tv_read(vault, "acme/api", NUL, NULL, NULL, 0, &size, NULL, &error));
  EXPECT(TV_E_INVALID_ARGUMENT, tv_read(vault, "acme/api", NUL, NULL, NULL, 4, &size, NULL, &error));
  EXPECT(TV_E_INVALID_ARGUMENT, tv_read(vault, "acme/api", NUL, NULL, buffer, 8, NULL, NULL, &error));
  EXPECT(TV_E_NOT_FOUND, tv_read(vault, "acme/other", NUL, NULL, buffer, 8, &size, NULL, &error));
  tv_vault_free(vault);
}

static void putting_takes_options(void) {
  tv_vault* vault = memory_vault();
  tv_put_options options = TV_PUT_OPTIONS_INIT;
  tv_get_options expired_ok = TV_GET_OPTIONS_INIT;
  tv_secret* secret = NULL;
  tv_tokens* tokens = NULL;
  tv_token_info info = TV_TOKEN_INFO_INIT;
  uint32_t version = 7;
  options.flags = TV_PUT_IF_VERSION;
  options.expires = 1000;
  options.label = "the org's own";
  expired_ok.flags = TV_GET_EXPIRED_OK;
  EXPECT(TV_OK, tv_put(vault, "a", 1, "value", 5, &options, &version, &error));
  EXPECT(TV_E_CONFLICT, tv_put(vault, "a", 1, "value", 5, &options, &version, &error));
  CHECK(version == 1);
  EXPECT(TV_E_EXPIRED, tv_get(vault, "a", 1, NULL, &secret, &error));
  CHECK(secret == NULL);
  EXPECT(TV_OK, tv_get(vault, "a", 1, &expired_ok, &secret, &error));
  tv_secret_free(secret);
  EXPECT(TV_OK, tv_info(vault, "a", 1, &tokens, &error));
  EXPECT(TV_OK, tv_tokens_at(tokens, 0, &info, &error));
  CHECK(info.expires == 1000 && strcmp(info.label, "the org's own") == 0);
  tv_tokens_free(tokens);
  options.expires = -1;
  EXPECT(TV_E_INVALID_ARGUMENT, tv_put(vault, "a", 1, "value", 5, &options, NULL, &error));
  options.expires = INT64_MAX;
  EXPECT(TV_E_INVALID_ARGUMENT, tv_put(vault, "a", 1, "value", 5, &options, NULL, &error));
  EXPECT(TV_E_REFUSED, tv_put(vault, "a", 1, "", 0, NULL, NULL, &error));
  EXPECT(TV_E_REFUSED, tv_put(vault, "a", 1, "value", TV_MAX_SECRET_SIZE + 1, NULL, NULL, &error));
  EXPECT(TV_E_INVALID_ARGUMENT, tv_put(vault, "a", 1, NULL, 5, NULL, NULL, &error));
  tv_vault_free(vault);
}

static void tokens_are_listed(void) {
  tv_vault* vault = memory_vault();
  tv_tokens* tokens = NULL;
  tv_token_info info = TV_TOKEN_INFO_INIT;
  tv_version_info version = TV_VERSION_INFO_INIT;
  put(vault, "b/2", "x");
  put(vault, "a/1", "x");
  put(vault, "a/1", "y");
  EXPECT(TV_OK, tv_list(vault, NULL, 0, &tokens, &error));
  CHECK(tv_tokens_count(tokens) == 2);
  EXPECT(TV_OK, tv_tokens_at(tokens, 0, &info, &error));
  CHECK(strcmp(info.name, "a/1") == 0 && info.version == 2 && info.version_count == 0);
  CHECK(info.expires == TV_NO_TIME && info.created > 0 && info.phase == TV_PHASE_IDLE);
  EXPECT(TV_E_NOT_FOUND, tv_tokens_at(tokens, 2, &info, &error));
  EXPECT(TV_E_NOT_FOUND, tv_tokens_version(tokens, 0, 0, &version, &error));
  tv_tokens_free(tokens);
  EXPECT(TV_OK, tv_list(vault, "b/", NUL, &tokens, &error));
  CHECK(tv_tokens_count(tokens) == 1);
  tv_tokens_free(tokens);
  EXPECT(TV_OK, tv_info(vault, "a/1", NUL, &tokens, &error));
  EXPECT(TV_OK, tv_tokens_at(tokens, 0, &info, &error));
  CHECK(info.version_count == 2);
  EXPECT(TV_OK, tv_tokens_version(tokens, 0, 0, &version, &error));
  CHECK(version.number == 1 && version.stage == TV_STAGE_PREVIOUS && version.expires == TV_NO_TIME);
  tv_vault_free(vault);
  EXPECT(TV_OK, tv_tokens_version(tokens, 0, 1, &version, &error));
  CHECK(version.number == 2 && version.stage == TV_STAGE_CURRENT);
  tv_tokens_free(tokens);
}

static void a_token_is_hidden_and_shown(void) {
  tv_vault* vault = memory_vault();
  tv_tokens* tokens = NULL;
  put(vault, "a", "x");
  EXPECT(TV_E_CONFLICT, tv_undelete(vault, "a", 1, &error));
  EXPECT(TV_OK, tv_erase(vault, "a", 1, &error));
  EXPECT(TV_E_NOT_FOUND, tv_info(vault, "a", 1, &tokens, &error));
  CHECK(tokens == NULL);
  EXPECT(TV_OK, tv_undelete(vault, "a", 1, &error));
  EXPECT(TV_OK, tv_info(vault, "a", 1, &tokens, &error));
  tv_tokens_free(tokens);
  tv_vault_free(vault);
}

/* A server that knows one token. */
static int32_t knock(void* user, const void* value, size_t size, uint32_t version) {
  const char* accepted = *(const char**)user;
  if (version == 0) return TV_VERDICT_FAILED;
  return size == strlen(accepted) && memcmp(value, accepted, size) == 0 ? TV_VERDICT_OK : TV_VERDICT_REJECTED;
}

static int32_t shrug(void* user, const void* value, size_t size, uint32_t version) {
  (void)user, (void)value, (void)size, (void)version;
  return 4711;
}

static void a_rejected_token_is_tried_once_more(void) {
  tv_vault* vault = memory_vault();
  tv_lease* lease = NULL;
  tv_tokens* tokens = NULL;
  tv_token_info info = TV_TOKEN_INFO_INIT;
  const char* accepted = "old";
  int32_t verdict = 99;
  put(vault, "a", "old");
  put(vault, "a", "new");
  EXPECT(TV_OK, tv_with_token(vault, "a", 1, knock, &accepted, &verdict, &error));
  CHECK(verdict == TV_VERDICT_OK);
  EXPECT(TV_OK, tv_with_token(vault, "a", 1, shrug, NULL, &verdict, &error));
  CHECK(verdict == TV_VERDICT_FAILED);
  accepted = "neither";
  EXPECT(TV_OK, tv_lease_open(vault, "a", 1, &lease, &error));
  EXPECT(TV_OK, tv_lease_use(lease, knock, &accepted, &verdict, &error));
  CHECK(verdict == TV_VERDICT_REJECTED);
  EXPECT(TV_OK, tv_info(vault, "a", 1, &tokens, &error));
  EXPECT(TV_OK, tv_tokens_at(tokens, 0, &info, &error));
  CHECK(info.suspect_version == 2);
  EXPECT(TV_E_INVALID_ARGUMENT, tv_with_token(vault, "a", 1, NULL, NULL, &verdict, &error));
  EXPECT(TV_E_INVALID_ARGUMENT, tv_lease_use(lease, NULL, NULL, &verdict, &error));
  EXPECT(TV_E_NOT_FOUND, tv_with_token(vault, "b", 1, knock, &accepted, &verdict, &error));
  tv_tokens_free(tokens);
  tv_lease_free(lease);
  tv_vault_free(vault);
}

static void a_token_is_marked_suspect(void) {
  tv_vault* vault = memory_vault();
  tv_tokens* tokens = NULL;
  tv_token_info info = TV_TOKEN_INFO_INIT;
  put(vault, "a", "one");
  put(vault, "a", "two");
  EXPECT(TV_OK, tv_mark_suspect(vault, "a", 1, 1, &error));
  EXPECT(TV_OK, tv_info(vault, "a", 1, &tokens, &error));
  EXPECT(TV_OK, tv_tokens_at(tokens, 0, &info, &error));
  CHECK(info.suspect_version == 0);
  tv_tokens_free(tokens);
  EXPECT(TV_OK, tv_mark_suspect(vault, "a", 1, 2, &error));
  EXPECT(TV_OK, tv_info(vault, "a", 1, &tokens, &error));
  EXPECT(TV_OK, tv_tokens_at(tokens, 0, &info, &error));
  CHECK(info.suspect_version == 2);
  EXPECT(TV_E_NOT_FOUND, tv_mark_suspect(vault, "b", 1, 1, &error));
  tv_tokens_free(tokens);
  tv_vault_free(vault);
}

static void a_lease_follows(void) {
  tv_vault* vault = memory_vault();
  tv_lease* lease = NULL;
  tv_secret* secret = NULL;
  uint32_t version = 0;
  EXPECT(TV_OK, tv_lease_open(vault, "a", 1, &lease, &error));
  EXPECT(TV_E_NOT_FOUND, tv_lease_get(lease, &secret, &error));
  put(vault, "a", "one");
  EXPECT(TV_OK, tv_lease_get(lease, &secret, &error));
  CHECK(holds(secret, "one"));
  tv_secret_free(secret);
  EXPECT(TV_OK, tv_lease_wait(lease, 1, 0, &version, &error));
  CHECK(version == 1);
  put(vault, "a", "two");
  tv_vault_free(vault);
  EXPECT(TV_OK, tv_lease_wait(lease, 1, 60000, &version, &error));
  CHECK(version == 2);
  EXPECT(TV_OK, tv_lease_get(lease, &secret, &error));
  CHECK(holds(secret, "two") && tv_secret_version(secret) == 2);
  tv_secret_free(secret);
  tv_lease_free(lease);
}

static void keys_open_vaults_on_disk(void) {
  tv_open_options options = TV_OPEN_OPTIONS_INIT;
  tv_vault* vault = NULL;
  tv_vault_info info = TV_VAULT_INFO_INIT;
  options.uri = "sqlite:vault.db";
  options.key_file = "vault.key";
  options.anchors = "anchors";
  EXPECT(TV_E_NO_VAULT, tv_open(&options, &vault, &error));
  EXPECT(TV_E_NO_KEY, tv_create(&options, &vault, &error));
  EXPECT(TV_OK, tv_make_key_file("vault.key", &error));
  EXPECT(TV_E_ALREADY_EXISTS, tv_make_key_file("vault.key", &error));
  EXPECT(TV_E_INVALID_ARGUMENT, tv_make_key_file("", &error));
  EXPECT(TV_OK, tv_create(&options, &vault, &error));
  put(vault, "acme/api", "kept");
  tv_vault_free(vault);
  EXPECT(TV_E_ALREADY_EXISTS, tv_create(&options, &vault, &error));
  EXPECT(TV_OK, tv_open(&options, &vault, &error));
  EXPECT(TV_OK, tv_inspect(vault, &info, &error));
  CHECK(info.tokens == 1 && info.writable == 1 && info.durable == 1 && info.encrypted_at_rest == 1);
  CHECK(info.generation == 2 && info.epoch == 1);
  tv_vault_free(vault);
  options.key_file = NULL;
  options.key = kKey;
  options.key_size = sizeof kKey;
  EXPECT(TV_E_WRONG_KEY, tv_open(&options, &vault, &error));
  CHECK(vault == NULL);
  options.key_size = 31;
  EXPECT(TV_E_WRONG_KEY, tv_open(&options, &vault, &error));
  options.passphrase = "two";
  options.passphrase_size = 3;
  EXPECT(TV_E_INVALID_ARGUMENT, tv_open(&options, &vault, &error));
  options.key = NULL;
  options.uri = "file:phrase.tv";
  EXPECT(TV_OK, tv_create(&options, &vault, &error));
  tv_vault_free(vault);
  EXPECT(TV_OK, tv_open(&options, &vault, &error));
  tv_vault_free(vault);
  options.passphrase_size = 1025;
  EXPECT(TV_E_REFUSED, tv_open(&options, &vault, &error));
}

static void the_defaults_are_those_of_the_command(void) {
  tv_open_options options = TV_OPEN_OPTIONS_INIT;
  tv_vault* vault = NULL;
  options.flags = TV_OPEN_DEFAULTS;
  setenv("TOKENVAULT", "vault.db", 1);
  setenv("TOKENVAULT_KEY_FILE", "vault.key", 1);
  setenv("XDG_STATE_HOME", "/nowhere/at/all", 1);
  EXPECT(TV_E_INVALID_ARGUMENT, tv_create(&options, &vault, &error));
  options.anchors = "";
  EXPECT(TV_OK, tv_open(&options, &vault, &error));
  tv_vault_free(vault);
  setenv("TOKENVAULT_KEY_FILE", "absent.key", 1);
  EXPECT(TV_E_NO_KEY, tv_open(&options, &vault, &error));
  options.key_file = "vault.key";
  EXPECT(TV_OK, tv_open(&options, &vault, &error));
  tv_vault_free(vault);
  options.flags = 0;
  EXPECT(TV_E_INVALID_ARGUMENT, tv_open(&options, &vault, &error));
}

static void plain_variables_need_no_key(void) {
  tv_open_options options = TV_OPEN_OPTIONS_INIT;
  tv_vault* vault = NULL;
  tv_secret* secret = NULL;
  tv_vault_info info = TV_VAULT_INFO_INIT;
  setenv("PLAIN_TOKEN", "plain", 1);
  options.uri = "env-plain:acme/api=PLAIN_TOKEN";
  EXPECT(TV_OK, tv_open(&options, &vault, &error));
  CHECK(getenv("PLAIN_TOKEN") == NULL);
  EXPECT(TV_OK, tv_inspect(vault, &info, &error));
  CHECK(info.encrypted_at_rest == 0 && info.writable == 0);
  EXPECT(TV_OK, tv_get(vault, "acme/api", NUL, NULL, &secret, &error));
  CHECK(holds(secret, "plain"));
  EXPECT(TV_E_READ_ONLY, tv_put(vault, "acme/api", NUL, "x", 1, NULL, NULL, &error));
  tv_secret_free(secret);
  tv_vault_free(vault);
  EXPECT(TV_E_NO_KEY, tv_open(&options, &vault, &error));
}

static void structs_of_other_versions_are_understood(void) {
  struct {
    tv_get_options known;
    uint64_t later;
  } newer = {TV_GET_OPTIONS_INIT, 0};
  struct {
    tv_vault_info known;
    uint64_t later;
  } answer = {TV_VAULT_INFO_INIT, 42};
  tv_vault* vault = memory_vault();
  tv_secret* secret = NULL;
  tv_open_options options = memory_options();
  put(vault, "a", "x");
  newer.known.struct_size = sizeof newer;
  EXPECT(TV_OK, tv_get(vault, "a", 1, &newer.known, &secret, &error));
  tv_secret_free(secret);
  newer.later = 1;
  EXPECT(TV_E_UNSUPPORTED, tv_get(vault, "a", 1, &newer.known, &secret, &error));
  newer.known.struct_size = 0;
  EXPECT(TV_E_INVALID_ARGUMENT, tv_get(vault, "a", 1, &newer.known, &secret, &error));
  newer.known.struct_size = UINT32_MAX;
  EXPECT(TV_E_INVALID_ARGUMENT, tv_get(vault, "a", 1, &newer.known, &secret, &error));
  answer.known.struct_size = sizeof answer;
  EXPECT(TV_OK, tv_inspect(vault, &answer.known, &error));
  CHECK(answer.later == 0 && answer.known.struct_size == sizeof answer && answer.known.tokens == 1);
  answer.known.struct_size = 4;
  EXPECT(TV_E_INVALID_ARGUMENT, tv_inspect(vault, &answer.known, &error));
  newer.known = (tv_get_options)TV_GET_OPTIONS_INIT;
  newer.known.flags = 1u << 31;
  EXPECT(TV_E_UNSUPPORTED, tv_get(vault, "a", 1, &newer.known, &secret, &error));
  options.flags = 1u << 31;
  tv_vault_free(vault);
  EXPECT(TV_E_UNSUPPORTED, tv_create(&options, &vault, &error));
}

static void a_wrong_handle_is_an_error(void) {
  tv_vault* vault = memory_vault();
  tv_vault* other;
  tv_secret* secret = NULL;
  tv_tokens* tokens = NULL;
  tv_lease* lease = NULL;
  tv_token_info info = TV_TOKEN_INFO_INIT;
  size_t size = 0;
  uint32_t version = 0;
  put(vault, "a", "x");
  EXPECT(TV_E_INVALID_ARGUMENT, tv_get(NULL, "a", 1, NULL, &secret, &error));
  EXPECT(TV_E_INVALID_ARGUMENT, tv_get(vault, "a", 1, NULL, NULL, &error));
  EXPECT(TV_E_INVALID_ARGUMENT, tv_get(vault, NULL, 1, NULL, &secret, &error));
  EXPECT(TV_E_INVALID_ARGUMENT, tv_get(vault, "a", 256, NULL, &secret, &error));
  EXPECT(TV_E_INVALID_ARGUMENT, tv_get((tv_vault*)&error, "a", 1, NULL, &secret, &error));
  EXPECT(TV_OK, tv_get(vault, "a", 1, NULL, &secret, &error));
  EXPECT(TV_E_INVALID_ARGUMENT, tv_get((tv_vault*)secret, "a", 1, NULL, &secret, &error));
  EXPECT(TV_OK, tv_get(vault, "a", 1, NULL, &secret, &error));
  tv_secret_free(secret);
  tv_secret_free(secret);
  tv_secret_free(NULL);
  CHECK(tv_secret_data(secret) == NULL && tv_secret_size(secret) == 0 && tv_secret_version(secret) == 0);
  EXPECT(TV_E_INVALID_ARGUMENT, tv_secret_copy(secret, NULL, 0, &size, &error));
  tv_vault_free(vault);
  tv_vault_free(vault);
  EXPECT(TV_E_INVALID_ARGUMENT, tv_put(vault, "a", 1, "x", 1, NULL, NULL, &error));
  other = memory_vault();
  CHECK(other != vault);
  EXPECT(TV_E_INVALID_ARGUMENT, tv_list(vault, NULL, 0, &tokens, &error));
  CHECK(tv_tokens_count(tokens) == 0);
  EXPECT(TV_E_INVALID_ARGUMENT, tv_tokens_at(tokens, 0, &info, &error));
  EXPECT(TV_E_INVALID_ARGUMENT, tv_lease_wait(lease, 0, 0, &version, &error));
  EXPECT(TV_E_INVALID_ARGUMENT, tv_lease_open(other, "a//b", NUL, &lease, &error));
  tv_tokens_free(tokens);
  tv_lease_free(lease);
  tv_vault_free(other);
  /* Without a place for errors, or with one of no known size, the status still says it. */
  error = (tv_error)TV_ERROR_INIT;
  error.struct_size = 8;
  CHECK(tv_get(NULL, "a", 1, NULL, &secret, NULL) == TV_E_INVALID_ARGUMENT);
  CHECK(tv_get(NULL, "a", 1, NULL, &secret, &error) == TV_E_INVALID_ARGUMENT && error.code == TV_OK);
}

static void a_forked_child_has_none_of_it(void) {
  tv_vault* vault = memory_vault();
  tv_secret* secret = NULL;
  int status = 1;
  pid_t child;
  put(vault, "a", "x");
  EXPECT(TV_OK, tv_get(vault, "a", 1, NULL, &secret, &error));
  fflush(stdout);
  child = fork();
  if (child == 0) {
    size_t size = 0;
    char buffer[8];
    tv_vault* own;
    failures = 0;
    CHECK(tv_secret_data(secret) == NULL && tv_secret_size(secret) == 0);
    EXPECT(TV_E_FORKED, tv_secret_copy(secret, buffer, sizeof buffer, &size, &error));
    EXPECT(TV_E_FORKED, tv_read(vault, "a", 1, NULL, buffer, sizeof buffer, &size, NULL, &error));
    tv_secret_free(secret);
    own = memory_vault();
    put(own, "a", "the child's own");
    tv_vault_free(own);
    tv_vault_free(vault);
    fflush(stdout);
    _exit(failures != 0);
  }
  CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
  CHECK(holds(secret, "x"));
  tv_secret_free(secret);
  tv_vault_free(vault);
}

int main(void) {
  char folder[] = "/tmp/tokenvault-capi-XXXXXX";
  if (mkdtemp(folder) == NULL || chdir(folder) != 0) return 1;
  the_library_names_itself();
  a_value_goes_in_and_comes_out();
  a_value_comes_into_a_buffer_at_once();
  putting_takes_options();
  tokens_are_listed();
  a_token_is_hidden_and_shown();
  a_rejected_token_is_tried_once_more();
  a_token_is_marked_suspect();
  a_lease_follows();
  keys_open_vaults_on_disk();
  the_defaults_are_those_of_the_command();
  plain_variables_need_no_key();
  structs_of_other_versions_are_understood();
  a_wrong_handle_is_an_error();
  a_forked_child_has_none_of_it();
  return report();
}
