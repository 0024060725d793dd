/* The least a program can do that keeps its sealed values in SQLite as we do (WAL, a table by id):
   read a key file, select one row, open it, write the value. Linked statically, like floor.c. */
#include <fcntl.h>
#include <sodium.h>
#include <sqlite3.h>
#include <unistd.h>

static unsigned char key[32], plain[4096];

static int make(const char *key_path, const char *path) {
  sqlite3 *db;
  sqlite3_stmt *insert;
  unsigned char sealed[24 + 64 + 16];
  int fd = open(key_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  randombytes_buf(key, sizeof key);
  randombytes_buf(sealed, 24);
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + 24, 0, plain, 64, 0, 0, 0, sealed, key);
  if (write(fd, key, sizeof key) != sizeof key || close(fd) != 0) return 1;
  if (sqlite3_open(path, &db) != SQLITE_OK) return 1;
  sqlite3_exec(db, "PRAGMA journal_mode=WAL; CREATE TABLE t (id BLOB PRIMARY KEY NOT NULL, b BLOB NOT NULL)", 0, 0, 0);
  sqlite3_prepare_v2(db, "INSERT INTO t VALUES (x'01', ?1)", -1, &insert, 0);
  sqlite3_bind_blob(insert, 1, sealed, sizeof sealed, SQLITE_STATIC);
  if (sqlite3_step(insert) != SQLITE_DONE) return 1;
  sqlite3_finalize(insert);
  return sqlite3_close(db);
}

int main(int count, char **words) {
  sqlite3 *db;
  sqlite3_stmt *select;
  unsigned long long size = 0;
  if (sodium_init() < 0) return 1;
  if (count == 4) return make(words[2], words[3]); /* seal KEY DATABASE */
  if (count != 3) return 2;
  int fd = open(words[1], O_RDONLY | O_CLOEXEC);
  if (fd < 0 || read(fd, key, sizeof key) != sizeof key) return 1;
  close(fd);
  if (sqlite3_open_v2(words[2], &db, SQLITE_OPEN_READWRITE, 0) != SQLITE_OK) return 1;
  if (sqlite3_prepare_v2(db, "SELECT b FROM t WHERE id = x'01'", -1, &select, 0) != SQLITE_OK) return 1;
  if (sqlite3_step(select) != SQLITE_ROW) return 1;
  const unsigned char *sealed = sqlite3_column_blob(select, 0);
  unsigned long long got = (unsigned long long)sqlite3_column_bytes(select, 0);
  if (got < 40 || crypto_aead_xchacha20poly1305_ietf_decrypt(plain, &size, 0, sealed + 24, got - 24, 0, 0, sealed, key) != 0)
    return 1;
  int written = write(1, plain, size) == (long)size;
  sodium_memzero(plain, sizeof plain);
  sodium_memzero(key, sizeof key);
  sqlite3_finalize(select);
  sqlite3_close(db);
  return written ? 0 : 1;
}
