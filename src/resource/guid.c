#include "resource/guid.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#define TAG_MASK ((UINT64_C(1) << 58) - 1)

void guid_key_init(struct guid_key *key, const uint8_t secret[32])
{
    memcpy(key->tag, secret, sizeof(key->tag));
    memcpy(key->mask, secret + sizeof(key->tag), sizeof(key->mask));
}

/* SipHash of (kind, value), the same on machines of either byte order. */
static uint64_t keyed(const uint8_t key[16], int32_t kind, uint64_t value)
{
    unsigned char in[12];
    unsigned char out[crypto_shorthash_BYTES];
    for (int i = 0; i < 8; i++)
        in[i] = (unsigned char)(value >> (8 * i));
    for (int i = 0; i < 4; i++)
        in[8 + i] = (unsigned char)((uint32_t)kind >> (8 * i));
    crypto_shorthash(out, in, sizeof(in), key);
    uint64_t hash = 0;
    for (int i = 0; i < 8; i++)
        hash |= (uint64_t)out[i] << (8 * i);
    return hash;
}

void guid_format(const struct guid_key *key, int32_t kind, int64_t id, char text[GUID_SIZE])
{
    uint64_t tag = keyed(key->tag, kind, (uint64_t)id) & TAG_MASK;
    uint64_t body = (uint64_t)id ^ keyed(key->mask, kind, tag);
    /* 58 bits of tag: 48, version 8, 10 more under 12 bits of which two are of the body. */
    uint64_t high = (tag >> 10) << 16 | UINT64_C(8) << 12 | (tag & 0x3ff) << 2 | body >> 62;
    uint64_t low = UINT64_C(2) << 62 | (body & ((UINT64_C(1) << 62) - 1));
    snprintf(text, GUID_SIZE, "%08x-%04x-%04x-%04x-%012llx", (unsigned)(high >> 32),
             (unsigned)(high >> 16 & 0xffff), (unsigned)(high & 0xffff), (unsigned)(low >> 48),
             (unsigned long long)(low & UINT64_C(0xffffffffffff)));
}

static bool read_hex(const char *text, uint64_t *high, uint64_t *low)
{
    uint64_t halves[2] = {0, 0};
    int digits = 0;
    for (int i = 0; i < GUID_SIZE - 1; i++) {
        char at = text[i];
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (at != '-')
                return false;
            continue;
        }
        int value =
            at >= '0' && at <= '9' ? at - '0' : (at >= 'a' && at <= 'f' ? at - 'a' + 10 : -1);
        if (value < 0)
            return false;
        halves[digits / 16] = halves[digits / 16] << 4 | (uint64_t)value;
        digits++;
    }
    *high = halves[0];
    *low = halves[1];
    return text[GUID_SIZE - 1] == '\0';
}

bool guid_parse(const struct guid_key *key, int32_t kind, const char *text, int64_t *id)
{
    uint64_t high = 0;
    uint64_t low = 0;
    if (!read_hex(text, &high, &low) || (high >> 12 & 0xf) != 8 || low >> 62 != 2)
        return false;
    uint64_t tag = (high >> 16) << 10 | (high >> 2 & 0x3ff);
    uint64_t body = (high & 3) << 62 | (low & ((UINT64_C(1) << 62) - 1));
    uint64_t value = body ^ keyed(key->mask, kind, tag);
    if ((keyed(key->tag, kind, value) & TAG_MASK) != tag)
        return false;
    *id = (int64_t)value;
    return true;
}
