/* The least a program can do for the same end: read a key file, read one sealed file, open it, write
   the value. Linked statically; what `tokenvault get` as a whole process is measured against. */
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

static long read_all(const char *path, unsigned char *into, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  long got = read(fd, into, size);
  close(fd);
  return got;
}

int main(int count, char **words) {
  static unsigned char key[32], sealed[4096], plain[4096];
  unsigned long long size = 0;
  if (sodium_init() < 0) return 1;
  if (count == 4 && strcmp(words[1], "seal") == 0) { /* makes both files */
    randombytes_buf(key, sizeof key);
    randombytes_buf(sealed, 24);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + 24, &size, plain, 64, 0, 0, 0, sealed, key);
    int fd = open(words[2], O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (write(fd, key, sizeof key) != sizeof key) return 1;
    close(fd);
    fd = open(words[3], O_WRONLY | O_CREAT | O_TRUNC, 0600);
    return write(fd, sealed, 24 + size) == (long)(24 + size) ? 0 : 1;
  }
  if (count != 3) return 2;
  if (read_all(words[1], key, sizeof key) != sizeof key) return 1;
  long got = read_all(words[2], sealed, sizeof sealed);
  if (got < 40) return 1;
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, &size, 0, sealed + 24, (unsigned long long)got - 24, 0, 0, sealed, key) != 0)
    return 1;
  int written = write(1, plain, size) == (long)size;
  sodium_memzero(plain, sizeof plain);
  sodium_memzero(key, sizeof key);
  return written ? 0 : 1;
}
