/* digest.h -- checks phones' digest credentials (RFC 2617, MD5, qop=auth).
 * A nonce is our own: a time, a number and a MAC over both, so that none is stored until a
 * phone has proved itself with it; from then on its counter must grow. The SIP thread's. */
#ifndef CADRAN_TELEPHONY_SIP_DIGEST_H
#define CADRAN_TELEPHONY_SIP_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"
#include "base/table.h"

#define DIGEST_HEX_SIZE 33
#define DIGEST_NONCE_SIZE 33
#define DIGEST_NONCES_MAX 8192 /* in use at once */

struct digest {
    uint8_t key[32];
    uint32_t next_number;
    struct table counters; /* nonce number -> highest nc seen */
    struct {
        uint32_t number;
        struct mono at;
    } used[DIGEST_NONCES_MAX]; /* a ring, oldest at head */
    size_t head, count;
};

/* The parameters of an Authorization header, unquoted by the caller's hands: see digest_read.
 */
struct digest_credentials {
    char user[64], realm[64], nonce[DIGEST_NONCE_SIZE], uri[256], response[DIGEST_HEX_SIZE];
    char cnonce[128], nc[9], qop[16], algorithm[16];
};

enum digest_verdict { DIGEST_GOOD, DIGEST_STALE, DIGEST_BAD };

void digest_init(struct digest *digest);
void digest_fini(struct digest *digest);
/* A fresh nonce, as text. */
void digest_nonce(struct digest *digest, struct mono now, char nonce[DIGEST_NONCE_SIZE]);
/* MD5(user:realm:password) in hex: all that is kept of a password. */
void digest_ha1(const char *user, const char *realm, const char *password,
                char ha1[DIGEST_HEX_SIZE]);
/* Reads "name=value" parameters, quoted or not; false where one is missing or too long. */
bool digest_read(const char *const *parameters, struct digest_credentials *credentials);
/* Stale: the password may be right, the nonce is too old or was used before. */
enum digest_verdict digest_check(struct digest *digest, struct mono now, const char *method,
                                 const char *realm, const char *ha1,
                                 const struct digest_credentials *credentials);

#endif
