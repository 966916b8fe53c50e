#include "telephony/sip/digest.h"

#include <sodium.h>
#include <sofia-sip/su_md5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/compiler.h"

#define NONCE_AGE_US (INT64_C(300) * US_PER_S)
#define MAC_BYTES 8

void digest_init(struct digest *digest)
{
    memset(digest, 0, sizeof(*digest));
    randombytes_buf(digest->key, sizeof(digest->key));
    table_init(&digest->counters);
}

void digest_fini(struct digest *digest)
{
    table_fini(&digest->counters);
    sodium_memzero(digest->key, sizeof(digest->key));
}

static void nonce_format(const struct digest *digest, uint32_t seconds, uint32_t number,
                         char nonce[DIGEST_NONCE_SIZE])
{
    unsigned char mac[crypto_generichash_BYTES];
    int len = snprintf(nonce, DIGEST_NONCE_SIZE, "%08x%08x", seconds, number);
    crypto_generichash(mac, sizeof(mac), (const unsigned char *)nonce, (unsigned long long)len,
                       digest->key, sizeof(digest->key));
    sodium_bin2hex(nonce + len, DIGEST_NONCE_SIZE - (size_t)len, mac, MAC_BYTES);
}

void digest_nonce(struct digest *digest, struct mono now, char nonce[DIGEST_NONCE_SIZE])
{
    if (++digest->next_number == 0)
        digest->next_number = 1; /* 0 marks a free slot of the table */
    nonce_format(digest, (uint32_t)(now.us / US_PER_S), digest->next_number, nonce);
}

struct piece {
    const char *text;
};

static void md5_of(const struct piece *pieces, size_t count, char hex[DIGEST_HEX_SIZE])
{
    su_md5_t md5;
    su_md5_init(&md5);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            su_md5_update(&md5, ":", 1);
        su_md5_update(&md5, pieces[i].text, (usize_t)strlen(pieces[i].text));
    }
    su_md5_hexdigest(&md5, hex);
    su_md5_deinit(&md5);
}

#define MD5(hex, ...)                                                                          \
    md5_of((const struct piece[]){__VA_ARGS__},                                                \
           sizeof((const struct piece[]){__VA_ARGS__}) / sizeof(struct piece), hex)

void digest_ha1(const char *user, const char *realm, const char *password,
                char ha1[DIGEST_HEX_SIZE])
{
    MD5(ha1, {user}, {realm}, {password});
}

static bool copy_value(const char *value, char *to, size_t size)
{
    size_t len = strlen(value);
    if (len >= 2 && value[0] == '"' && value[len - 1] == '"') {
        value++;
        len -= 2;
    }
    if (len >= size)
        return false;
    memcpy(to, value, len);
    to[len] = '\0';
    return true;
}

bool digest_read(const char *const *parameters, struct digest_credentials *c)
{
    memset(c, 0, sizeof(*c));
    const struct {
        const char *name;
        char *to;
        size_t size;
    } fields[] = {
        {"username", c->user, sizeof(c->user)},
        {"realm", c->realm, sizeof(c->realm)},
        {"nonce", c->nonce, sizeof(c->nonce)},
        {"uri", c->uri, sizeof(c->uri)},
        {"response", c->response, sizeof(c->response)},
        {"cnonce", c->cnonce, sizeof(c->cnonce)},
        {"nc", c->nc, sizeof(c->nc)},
        {"qop", c->qop, sizeof(c->qop)},
        {"algorithm", c->algorithm, sizeof(c->algorithm)},
    };
    for (; parameters && *parameters; parameters++) {
        const char *equals = strchr(*parameters, '=');
        if (!equals)
            continue;
        size_t len = (size_t)(equals - *parameters);
        for (size_t i = 0; i < ARRAY_LEN(fields); i++)
            if (strlen(fields[i].name) == len &&
                strncasecmp(fields[i].name, *parameters, len) == 0 &&
                !copy_value(equals + 1, fields[i].to, fields[i].size))
                return false;
    }
    return c->user[0] && c->nonce[0] && c->uri[0] && strlen(c->response) == 32 &&
           c->cnonce[0] && strlen(c->nc) == 8 && strcmp(c->qop, "auth") == 0 &&
           (!c->algorithm[0] || strcasecmp(c->algorithm, "MD5") == 0);
}

/* Whether we made this nonce, and when. */
static bool nonce_read(const struct digest *digest, const char *nonce, int64_t *seconds,
                       uint32_t *number)
{
    char first[9] = {0}, second[9] = {0}, expected[DIGEST_NONCE_SIZE];
    char *end;
    if (strlen(nonce) != DIGEST_NONCE_SIZE - 1)
        return false;
    memcpy(first, nonce, 8);
    memcpy(second, nonce + 8, 8);
    uint32_t time = (uint32_t)strtoul(first, &end, 16);
    if (*end)
        return false;
    *number = (uint32_t)strtoul(second, &end, 16);
    if (*end)
        return false;
    *seconds = time;
    nonce_format(digest, time, *number, expected);
    return *number && sodium_memcmp(expected, nonce, DIGEST_NONCE_SIZE - 1) == 0;
}

static void forget_old(struct digest *digest, struct mono now)
{
    while (digest->count &&
           now.us - digest->used[digest->head].at.us > NONCE_AGE_US + US_PER_S) {
        table_remove(&digest->counters, digest->used[digest->head].number);
        digest->head = (digest->head + 1) % DIGEST_NONCES_MAX;
        digest->count--;
    }
}

/* The counter of a proven nonce must grow. */
static enum digest_verdict count_use(struct digest *digest, struct mono now, uint32_t number,
                                     uint32_t nc)
{
    forget_old(digest, now);
    uintptr_t highest = (uintptr_t)table_get(&digest->counters, number);
    if (nc == 0 || nc <= highest)
        return DIGEST_STALE;
    if (highest == 0) {
        if (digest->count == DIGEST_NONCES_MAX)
            return DIGEST_STALE;
        size_t slot = (digest->head + digest->count++) % DIGEST_NONCES_MAX;
        digest->used[slot].number = number;
        digest->used[slot].at = now;
    }
    table_put(&digest->counters, number, (void *)(uintptr_t)nc);
    return DIGEST_GOOD;
}

enum digest_verdict digest_check(struct digest *digest, struct mono now, const char *method,
                                 const char *realm, const char *ha1,
                                 const struct digest_credentials *c)
{
    char ha2[DIGEST_HEX_SIZE], expected[DIGEST_HEX_SIZE];
    int64_t seconds;
    uint32_t number;
    if (strcmp(c->realm, realm) != 0 || !nonce_read(digest, c->nonce, &seconds, &number))
        return DIGEST_BAD;
    MD5(ha2, {method}, {c->uri});
    MD5(expected, {ha1}, {c->nonce}, {c->nc}, {c->cnonce}, {c->qop}, {ha2});
    if (sodium_memcmp(expected, c->response, 32) != 0)
        return DIGEST_BAD;
    if (now.us / US_PER_S - seconds > NONCE_AGE_US / US_PER_S)
        return DIGEST_STALE;
    char *end;
    unsigned long nc = strtoul(c->nc, &end, 16);
    return *end ? DIGEST_BAD : count_use(digest, now, number, (uint32_t)nc);
}
