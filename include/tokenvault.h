/*
 * tokenvault for C and for every language that can call C. C11; also valid C++.
 *
 * Handles. tv_vault, tv_secret, tv_tokens and tv_lease are never pointers to memory: they are numbers that
 * the library looks up. A null, freed, invented or mistaken handle is TV_E_INVALID_ARGUMENT (or null, or 0,
 * where a function returns no status), never a crash. Each handle belongs to the caller, who gives it to its
 * own *_free() once; freeing null or a freed one does nothing. A call under way in another thread keeps what
 * it uses alive. At most 2^20 handles of a kind at once (2^16 where pointers have 32 bits).
 *
 * Threads. Every function may be called from any thread at any time, unless it says otherwise. One tv_secret
 * freed in one thread while another still reads the bytes of tv_secret_data() is the caller's mistake. No call
 * is a cancellation point, nor are the callbacks that it makes: pthread_cancel() waits until it has returned.
 *
 * Structs. Each begins with struct_size, set by the caller to sizeof, by the *_INIT macro. Fields are only
 * ever added at the end: a smaller one from an older header works, of a larger one the bytes that this
 * library does not know have to be zero, else TV_E_UNSUPPORTED.
 *
 * Names are UTF-8, 1 to 255 bytes (tokenvault/name.hpp), given with their size or with TV_NUL_TERMINATED.
 * Times are seconds since 1970 in UTC; TV_NO_TIME is none.
 *
 * Errors. A function that can fail returns TV_OK or a TV_E_* code, and fills `error` unless that is null.
 * Outputs are written on success alone; handles are set to null on failure. Each function may also end in
 * TV_E_OUT_OF_MEMORY, TV_E_INTERNAL, and, where a vault is read, in what tokenvault::Vault lists for all of
 * its calls. No exception leaves the library; no signal handler, thread, exit or output of its own.
 *
 * After fork() a child has none of its parent's secrets: calls with the parent's handles are TV_E_FORKED.
 */
#ifndef TOKENVAULT_H
#define TOKENVAULT_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define TV_API __attribute__((visibility("default")))
#else
#define TV_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Raised when something is added. A program needs at least the one it was compiled with. */
#define TV_ABI_VERSION 1u

#define TV_NUL_TERMINATED SIZE_MAX
#define TV_NO_TIME INT64_MIN
#define TV_MAX_SECRET_SIZE 32768u /* bytes in one token's value */

/* The numbers of tokenvault::Errc, fixed for ever. What each means stands there. */
typedef int32_t tv_status;
#define TV_OK 0
#define TV_E_INVALID_ARGUMENT 1
#define TV_E_NO_VAULT 2
#define TV_E_ALREADY_EXISTS 3
#define TV_E_NOT_FOUND 4
#define TV_E_CONFLICT 5
#define TV_E_WRONG_KEY 6
#define TV_E_TAMPERED 7
#define TV_E_STALE 8
#define TV_E_UNSUPPORTED 9
#define TV_E_READ_ONLY 10
#define TV_E_PERMISSION_DENIED 11
#define TV_E_REFUSED 12
#define TV_E_UNAVAILABLE 13
#define TV_E_UNREACHABLE 14
#define TV_E_IN_DOUBT 15
#define TV_E_EXPIRED 16
#define TV_E_NO_KEY 17
#define TV_E_OUT_OF_MEMORY 18
#define TV_E_IO 19
#define TV_E_FORKED 20
#define TV_E_INTERNAL 21
#define TV_E_NEEDS_HUMAN 22
#define TV_E_REJECTED 23

/* What went wrong. The message is one line of UTF-8, cut to fit, NUL-terminated, without secret bytes. */
typedef struct tv_error {
  uint32_t struct_size;
  tv_status code;
  int32_t os_error;   /* errno of the failed system call, or 0 */
  uint32_t retryable; /* 1 where the same call may succeed later: unavailable, unreachable */
  char message[256];
} tv_error;
#define TV_ERROR_INIT {sizeof(tv_error), 0, 0, 0, {0}}

typedef struct tv_vault tv_vault;   /* an open vault */
typedef struct tv_secret tv_secret; /* one value, in secret memory until it is freed */
typedef struct tv_tokens tv_tokens; /* what tv_list() or tv_info() found; plain data, frozen */
typedef struct tv_lease tv_lease;   /* a hold on one token that follows its rotation */

/* ---- The library ---- */

/* TV_ABI_VERSION of the library at hand. */
TV_API uint32_t tv_abi_version(void);
/* "0.1.0". Static storage. */
TV_API const char* tv_version(void);
/* "wrong_key" for TV_E_WRONG_KEY, "ok" for TV_OK, "unknown" for what is no code. Static storage. */
TV_API const char* tv_status_name(tv_status status);

#define TV_BACKING_NONE 0u         /* no secret has been allocated yet */
#define TV_BACKING_MEMFD_SECRET 1u /* unreadable even for root's debugger */
#define TV_BACKING_LOCKED 2u       /* never swapped, in no core file */
#define TV_BACKING_PLAIN 3u        /* neither */

/* What secret memory got from the system: tokenvault::Protection. */
typedef struct tv_protection_info {
  uint32_t struct_size;
  uint32_t backing; /* TV_BACKING_*, of the weakest part in use */
  uint64_t locked_bytes;
  uint64_t plain_bytes;
  uint64_t lock_limit; /* RLIMIT_MEMLOCK in bytes; UINT64_MAX when unlimited */
  uint32_t dontdump;
  uint32_t dontfork;
  uint32_t hardened;
  int32_t os_error;
} tv_protection_info;
#define TV_PROTECTION_INFO_INIT {sizeof(tv_protection_info), 0, 0, 0, 0, 0, 0, 0, 0}

/* Fills `out`. Errors: invalid_argument. */
TV_API tv_status tv_protection(tv_protection_info* out, tv_error* error);
/* Makes this process undumpable and untraceable by others of the same user: tokenvault::harden_process().
   Errors: io. */
TV_API tv_status tv_harden_process(tv_error* error);

/* ---- Opening ---- */

#define TV_OPEN_DEFAULTS 1u /* what is null below is what the `tokenvault` command takes: its environment \
                               variables, its folders below HOME, and its anchors */

typedef struct tv_open_options {
  uint32_t struct_size;
  uint32_t flags;         /* TV_OPEN_* */
  const char* uri;        /* "sqlite:PATH" or a bare path, "file:PATH", "env:VARIABLE", "memory:" (tv_create),
                             "env-plain:NAME=VARIABLE,..." (tv_open; needs no key) */
  const char* key_file;   /* path of a file of 32 bytes, readable by its owner alone */
  const void* key;        /* or its 32 bytes. The library copies them; wiping yours is up to you */
  size_t key_size;
  const void* passphrase; /* or 1 to 1024 bytes of passphrase, as given; likewise */
  size_t passphrase_size;
  const char* anchors;    /* path of a file that remembers how new the vault was; null: none is kept */
  uint32_t timeout_ms;    /* how long a change yields to other writers; 0: 10 s */
  uint32_t reserved;
} tv_open_options;
#define TV_OPEN_OPTIONS_INIT {sizeof(tv_open_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/* Opens the vault at options->uri with the one key source given. Errors: invalid_argument (no uri, not just
   one key source), no_vault, no_key, wrong_key, tampered, stale, unsupported, refused, permission_denied. */
TV_API tv_status tv_open(const tv_open_options* options, tv_vault** out, tv_error* error);
/* Makes a vault there whose only slot is that key, and opens it. Errors: already_exists (left as it is),
   and as tv_open(). */
TV_API tv_status tv_create(const tv_open_options* options, tv_vault** out, tv_error* error);
/* Closes. Leases and secrets taken from it live on. */
TV_API void tv_vault_free(tv_vault* vault);
/* Makes a new key file of 32 random bytes, 0600, never over one that is there. Errors: already_exists,
   permission_denied, io. */
TV_API tv_status tv_make_key_file(const char* path, tv_error* error);

typedef struct tv_vault_info {
  uint32_t struct_size;
  uint32_t epoch;      /* lives of the master key so far */
  uint64_t generation; /* commits so far */
  uint64_t tokens;     /* names that tv_list() gives */
  uint8_t vault_id[16];
  uint32_t writable;
  uint32_t durable;           /* an acknowledged change survives power loss */
  uint32_t encrypted_at_rest; /* 0 for plain environment variables */
  uint32_t reserved;
} tv_vault_info;
#define TV_VAULT_INFO_INIT {sizeof(tv_vault_info), 0, 0, 0, {0}, 0, 0, 0, 0}

/* Reads the root afresh and fills `out`. */
TV_API tv_status tv_inspect(tv_vault* vault, tv_vault_info* out, tv_error* error);

/* ---- Values ---- */

#define TV_GET_PREVIOUS 1u   /* the previous version, not the current one */
#define TV_GET_EXPIRED_OK 2u /* although its expiry has passed */

typedef struct tv_get_options {
  uint32_t struct_size;
  uint32_t flags;   /* TV_GET_* */
  uint32_t version; /* this very version; 0: by stage */
  uint32_t reserved;
} tv_get_options;
#define TV_GET_OPTIONS_INIT {sizeof(tv_get_options), 0, 0, 0}

/* The value of a token, as a handle. `options` may be null. Errors: not_found, expired, invalid_argument. */
TV_API tv_status tv_get(tv_vault* vault, const char* name, size_t name_size, const tv_get_options* options,
                        tv_secret** out, tv_error* error);
/* The same into the caller's `buffer` in one call, for languages with a heap of their own; wiping it is up to
   the caller. `size` gets the value's size, also where the buffer is too small for it: refused, and nothing is
   copied. `version` may be null. */
TV_API tv_status tv_read(tv_vault* vault, const char* name, size_t name_size, const tv_get_options* options,
                         void* buffer, size_t capacity, size_t* size, uint32_t* version, tv_error* error);

/* The bytes, valid until tv_secret_free(); no NUL follows them. Null for no handle and in a forked child. */
TV_API const void* tv_secret_data(const tv_secret* secret);
/* Their number, or 0. */
TV_API size_t tv_secret_size(const tv_secret* secret);
/* Which version of the token it is, or 0. */
TV_API uint32_t tv_secret_version(const tv_secret* secret);
/* Copies them, as tv_read() does. Errors: invalid_argument, refused, forked. */
TV_API tv_status tv_secret_copy(const tv_secret* secret, void* buffer, size_t capacity, size_t* size,
                                tv_error* error);
/* Wipes and frees. */
TV_API void tv_secret_free(tv_secret* secret);

#define TV_PUT_IF_VERSION 1u /* only if `if_version` is the current version (0: there is no such token) */

typedef struct tv_put_options {
  uint32_t struct_size;
  uint32_t flags; /* TV_PUT_* */
  int64_t expires;
  uint32_t if_version;
  uint32_t reserved;
  const char* label; /* at most 255 bytes; null: as before */
} tv_put_options;
#define TV_PUT_OPTIONS_INIT {sizeof(tv_put_options), 0, TV_NO_TIME, 0, 0, 0}

/* Stores `size` bytes, 1 to TV_MAX_SECRET_SIZE, as the token's next version; durable when it returns.
   `options` and `version` may be null. Errors: refused, conflict, read_only, in_doubt, needs_human (a
   rotation of it is open), invalid_argument. */
TV_API tv_status tv_put(tv_vault* vault, const char* name, size_t name_size, const void* value, size_t size,
                        const tv_put_options* options, uint32_t* version, tv_error* error);
/* Hides a token with all its versions, and shows it again. Errors: not_found, conflict (not hidden),
   read_only, in_doubt. */
TV_API tv_status tv_erase(tv_vault* vault, const char* name, size_t name_size, tv_error* error);
TV_API tv_status tv_undelete(tv_vault* vault, const char* name, size_t name_size, tv_error* error);

/* ---- What is known of tokens ---- */

#define TV_STAGE_PENDING 1u
#define TV_STAGE_CURRENT 2u
#define TV_STAGE_PREVIOUS 3u
#define TV_STAGE_RETIRED 4u

/* Texts are NUL-terminated UTF-8 and valid until tv_tokens_free(). */
typedef struct tv_token_info {
  uint32_t struct_size;
  uint32_t version; /* the current one; 0: none */
  const char* name;
  const char* label;
  int64_t created; /* of the current version */
  int64_t expires;
  uint32_t suspect_version; /* one that was rejected by whoever it is for; 0: none */
  uint32_t version_count;   /* for tv_tokens_version(); 0 from tv_list() */
  uint32_t phase;           /* TV_PHASE_*, of its rotation; TV_PHASE_IDLE from tv_list() where none is open */
  uint32_t reserved;
} tv_token_info;
#define TV_TOKEN_INFO_INIT {sizeof(tv_token_info), 0, 0, 0, 0, 0, 0, 0, 0, 0}

typedef struct tv_version_info {
  uint32_t struct_size;
  uint32_t number;
  uint32_t stage; /* TV_STAGE_* */
  uint32_t reserved;
  int64_t created;
  int64_t expires;
} tv_version_info;
#define TV_VERSION_INFO_INIT {sizeof(tv_version_info), 0, 0, 0, 0, 0}

/* All tokens whose name begins with `prefix` (may be null), in bytewise order, without their versions. */
TV_API tv_status tv_list(tv_vault* vault, const char* prefix, size_t prefix_size, tv_tokens** out,
                         tv_error* error);
/* One token, at index 0, with its versions. Errors: not_found, invalid_argument. */
TV_API tv_status tv_info(tv_vault* vault, const char* name, size_t name_size, tv_tokens** out, tv_error* error);
/* How many, or 0. */
TV_API size_t tv_tokens_count(const tv_tokens* tokens);
/* The one at `index`. Errors: invalid_argument, not_found (beyond the end). */
TV_API tv_status tv_tokens_at(const tv_tokens* tokens, size_t index, tv_token_info* out, tv_error* error);
/* Version `at`, ascending, of the one at `index`. Errors: likewise. */
TV_API tv_status tv_tokens_version(const tv_tokens* tokens, size_t index, size_t at, tv_version_info* out,
                                   tv_error* error);
TV_API void tv_tokens_free(tv_tokens* tokens);

/* ---- Using a token ---- */

#define TV_VERDICT_OK 0       /* accepted */
#define TV_VERDICT_REJECTED 1 /* refused, as by a 401 */
#define TV_VERDICT_FAILED 2   /* it gave no answer that says anything about the token; so is any other number */

/* Uses the token and says how it went. The bytes are valid during the call only. It may call this library;
   it must return, and throw nothing. */
typedef int32_t (*tv_use)(void* user, const void* value, size_t size, uint32_t version);

/* Calls `use` with the current value; where that is rejected once more with a newer one, or else with the
   previous one; where that is rejected too, the token is marked suspect. `verdict` (may be null) gets what
   `use` said last. Errors: as tv_get(). */
TV_API tv_status tv_with_token(tv_vault* vault, const char* name, size_t name_size, tv_use use, void* user,
                               int32_t* verdict, tv_error* error);

/* For callers whose use of a token ends later than a callback: notes that `version` was rejected by whoever it is
   for. A mark and no more; a version other than the current one leaves things as they are. Errors: not_found,
   read_only, in_doubt. */
TV_API tv_status tv_mark_suspect(tv_vault* vault, const char* name, size_t name_size, uint32_t version,
                                 tv_error* error);

/* A hold on one token, which need not be there yet. It keeps the vault open. Errors: invalid_argument. */
TV_API tv_status tv_lease_open(tv_vault* vault, const char* name, size_t name_size, tv_lease** out,
                               tv_error* error);
/* The value that is current now, whoever made it so. Errors: as tv_get(). */
TV_API tv_status tv_lease_get(tv_lease* lease, tv_secret** out, tv_error* error);
/* As tv_with_token(). */
TV_API tv_status tv_lease_use(tv_lease* lease, tv_use use, void* user, int32_t* verdict, tv_error* error);
/* Blocks until the current version is another than `version`, or `timeout_ms` have passed; `current` gets
   it. Errors: as tv_get(). */
TV_API tv_status tv_lease_wait(tv_lease* lease, uint32_t version, uint32_t timeout_ms, uint32_t* current,
                               tv_error* error);
TV_API void tv_lease_free(tv_lease* lease);

/* ---- Rotation: docs/rotation.md ---- */

#define TV_PHASE_IDLE 0u
#define TV_PHASE_INTENT 1u
#define TV_PHASE_ISSUING 2u
#define TV_PHASE_STAGED 3u
#define TV_PHASE_VERIFIED 4u
#define TV_PHASE_PROMOTED 5u
#define TV_PHASE_RETIRING 6u
#define TV_PHASE_UNCERTAIN 7u
#define TV_PHASE_DONE 8u
#define TV_PHASE_ABORTED 9u

#define TV_ISSUE_REPLAY_SAFE 0u /* asked again under one rotation, the provider leaves one new token alive */
#define TV_ISSUE_ONCE 1u        /* every call makes another one */
#define TV_ISSUE_HUMAN 2u       /* a person brings it: tv_rotate_stage() */

#define TV_OLD_KEPT 0u    /* the old token lives on until it is revoked */
#define TV_OLD_EXPIRES 1u /* it lives on for `overlap_s`, and ends by itself */
#define TV_OLD_DIES 2u    /* it ends at once */

#define TV_PROVIDER_ONE_PREVIOUS 1u /* a second rotation ends the token before the last early */

#define TV_REPLY_DONE 0u
#define TV_REPLY_REFUSED 1u /* certainly nothing was changed */
#define TV_REPLY_DOUBT 2u   /* it may have been, or may still be */

#define TV_TOKEN_VALID 0u
#define TV_TOKEN_INVALID 1u /* only where the provider said so itself */
#define TV_TOKEN_UNKNOWN 2u

/* What a call to a provider is about; all of it valid during the call only. */
typedef struct tv_request {
  uint32_t struct_size;
  uint32_t overlap_s;   /* issue: how long the old token is to live on */
  uint32_t lifetime_s;  /* issue: of the new one; 0: as the provider likes */
  uint32_t timeout_s;   /* for the whole call */
  const char* name;     /* the token's, in the vault */
  const char* rotation; /* 22 letters and digits; empty for a probe outside a rotation */
  const char* id;       /* the provider's own name for `token`; may be empty */
  const void* token;    /* issue: the one in use; probe: the one asked about; revoke: the one to end. May be null */
  size_t token_size;
  const void* current; /* revoke: the one in use; may be null */
  size_t current_size;
} tv_request;

/* How a call went. It comes filled with doubt and unknown; texts come empty, and are NUL-terminated. */
typedef struct tv_answer {
  uint32_t struct_size;
  uint32_t reply; /* issue, revoke: TV_REPLY_* */
  uint32_t state; /* probe: TV_TOKEN_* */
  uint32_t retry_after_s;
  int64_t expires;
  char id[256];
  char owner[256];
  char message[256];
} tv_answer;

/* Seals a received token and makes it durable; to be called with the bytes before anything else is done with
   them, whatever else went wrong. Any bytes, as often as need be, by any thread, one at a time; it and `keeper`
   end with the call of `issue`. */
typedef tv_status (*tv_keep)(void* keeper, const void* value, size_t size);

/* Whoever issues tokens: tokenvault::Provider. Another status than TV_OK from a callback says that nothing
   can be said: of a probe it is unknown, of an issue doubt. Where certainly nothing was asked, that is TV_OK with
   TV_REPLY_REFUSED. A null `revoke` says that the provider cannot end a token, a null `probe` that it cannot
   tell a good one. They must throw nothing. */
typedef struct tv_provider {
  uint32_t struct_size;
  uint32_t issue_kind; /* TV_ISSUE_* */
  uint32_t old_token;  /* TV_OLD_* */
  uint32_t flags;      /* TV_PROVIDER_* */
  uint32_t overlap_s;  /* the longest that an old token lives on; 0: not known */
  uint32_t propagation_s;
  void* user; /* handed to each callback */
  tv_status (*issue)(void* user, const tv_request* request, tv_keep keep, void* keeper, tv_answer* answer);
  tv_status (*probe)(void* user, const tv_request* request, tv_answer* answer);
  tv_status (*revoke)(void* user, const tv_request* request, tv_answer* answer);
} tv_provider;
#define TV_PROVIDER_INIT {sizeof(tv_provider), TV_ISSUE_HUMAN, TV_OLD_DIES, 0, 0, 0, 0, 0, 0, 0}

#define TV_STEP_ROTATE 0u /* begin, or go on, as far as it gets */
#define TV_STEP_RESUME 1u /* go on, and begin nothing; may be repeated */
#define TV_STEP_STATUS 2u /* where it stands; asks nobody and changes nothing */
#define TV_STEP_START 3u
#define TV_STEP_ISSUE 4u
#define TV_STEP_VERIFY 5u
#define TV_STEP_PROMOTE 6u
#define TV_STEP_RETIRE 7u
#define TV_STEP_ABORT 8u

#define TV_ROTATE_UNVERIFIED 1u /* promote: on the word of a person */
#define TV_ROTATE_FORCE 2u      /* abort: although only the new token may be good */
#define TV_ROTATE_THEIRS 4u     /* retire: also tokens that no rotation made */

/* Where a token's rotation stands. No value in it. */
typedef struct tv_rotation {
  uint32_t struct_size;
  uint32_t phase; /* TV_PHASE_* */
  uint32_t old_version;
  uint32_t new_version; /* 0 until a new token was received */
  uint32_t attempts;    /* calls that came to nothing, in a row */
  uint32_t asks;        /* 1: it waits for a person, `note` says for what */
  uint32_t obligations; /* old tokens that may still be good */
  uint32_t reserved;
  int64_t started;
  int64_t changed;
  int64_t next_try; /* not before then, by itself */
  char id[32];
  char note[512]; /* one line: what happened last and what to do */
} tv_rotation;
#define TV_ROTATION_INIT {sizeof(tv_rotation), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, {0}, {0}}

/* Takes one step of a token's rotation. `provider` null: the one in the token's policy, if that is a program
   ("exec:/PATH") or a person. `out` may be null. What was sealed before a crash is taken up by any process.
   Errors: needs_human (out->note is then in the error's message), unavailable (another process is at it),
   unreachable (nothing was changed by that), rejected, refused, conflict, not_found, unsupported (the
   policy's provider is none of these). One rotation of one vault handle at a time. */
TV_API tv_status tv_rotate(tv_vault* vault, const char* name, size_t name_size, const tv_provider* provider,
                           uint32_t step, uint32_t flags, tv_rotation* out, tv_error* error);
/* A person brings the new token: sealed before it is looked at. Begins a rotation where none is open.
   Errors: conflict (that one has its new token already), and as tv_rotate(). */
TV_API tv_status tv_rotate_stage(tv_vault* vault, const char* name, size_t name_size,
                                 const tv_provider* provider, const void* value, size_t size, tv_rotation* out,
                                 tv_error* error);

#ifdef __cplusplus
}
#endif

#endif
