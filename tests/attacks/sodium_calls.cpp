// Stands before libsodium: the program's own symbols come first.
#include "attacks/sodium_calls.hpp"

#include <dlfcn.h>
#include <sodium.h>

namespace tokenvault::test {
namespace {

SodiumCalls calls;
bool real_argon2 = false;

template <typename F>
F* next(F*, const char* name) {
  return reinterpret_cast<F*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

SodiumCalls take_sodium_calls() { return std::exchange(calls, {}); }
void use_real_argon2(bool real) { real_argon2 = real; }

}  // namespace tokenvault::test

using tokenvault::test::calls;

extern "C" {

int crypto_pwhash(unsigned char* const out, unsigned long long size, const char* const password,
                  unsigned long long password_size, const unsigned char* const salt,
                  unsigned long long passes, size_t memory, int algorithm) {
  calls.stretches.emplace_back(passes, memory);
  if (tokenvault::test::real_argon2)
    return tokenvault::test::next(&crypto_pwhash, "crypto_pwhash")(out, size, password, password_size, salt,
                                                                   passes, memory, algorithm);
  crypto_generichash_state state;
  crypto_generichash_init(&state, salt, crypto_pwhash_SALTBYTES, static_cast<size_t>(size));
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(&passes), sizeof passes);
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(&memory), sizeof memory);
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(password), password_size);
  return crypto_generichash_final(&state, out, static_cast<size_t>(size));
}

int crypto_aead_xchacha20poly1305_ietf_encrypt(unsigned char* c, unsigned long long* size,
                                               const unsigned char* m, unsigned long long m_size,
                                               const unsigned char* ad, unsigned long long ad_size,
                                               const unsigned char* none, const unsigned char* nonce,
                                               const unsigned char* key) {
  ++calls.seals;
  return tokenvault::test::next(&crypto_aead_xchacha20poly1305_ietf_encrypt,
                                "crypto_aead_xchacha20poly1305_ietf_encrypt")(c, size, m, m_size, ad, ad_size,
                                                                              none, nonce, key);
}

int crypto_aead_xchacha20poly1305_ietf_decrypt(unsigned char* m, unsigned long long* size,
                                               unsigned char* none, const unsigned char* c,
                                               unsigned long long c_size, const unsigned char* ad,
                                               unsigned long long ad_size, const unsigned char* nonce,
                                               const unsigned char* key) {
  ++calls.opens;
  return tokenvault::test::next(&crypto_aead_xchacha20poly1305_ietf_decrypt,
                                "crypto_aead_xchacha20poly1305_ietf_decrypt")(m, size, none, c, c_size, ad,
                                                                              ad_size, nonce, key);
}

int crypto_generichash_blake2b_init_salt_personal(crypto_generichash_blake2b_state* state,
                                                  const unsigned char* key, const size_t key_size,
                                                  const size_t size, const unsigned char* salt,
                                                  const unsigned char* person) {
  ++calls.hashes;
  return tokenvault::test::next(&crypto_generichash_blake2b_init_salt_personal,
                                "crypto_generichash_blake2b_init_salt_personal")(state, key, key_size, size,
                                                                                 salt, person);
}

int crypto_scalarmult(unsigned char* out, const unsigned char* number, const unsigned char* point) {
  ++calls.multiplications;
  return tokenvault::test::next(&crypto_scalarmult, "crypto_scalarmult")(out, number, point);
}

int sodium_memcmp(const void* const one, const void* const other, size_t size) {
  calls.comparisons.push_back(size);
  return tokenvault::test::next(&sodium_memcmp, "sodium_memcmp")(one, other, size);
}

}  // extern "C"
