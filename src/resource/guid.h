/* guid.h -- what an id looks like outside: a lower-case GUID that only this installation makes.
 *
 * A keyed bijection between (kind, 64-bit id) and UUIDs of version 8 (RFC 9562): 64 bits carry
 * the id, encrypted, and 58 verify it and its kind (a synthetic IV over SipHash-2-4). So a GUID
 * says nothing about how many there are, and one of another kind, of another installation or
 * made up is simply unknown. Nothing has to be stored. Pure; any thread. */
#ifndef CADRAN_RESOURCE_GUID_H
#define CADRAN_RESOURCE_GUID_H

#include <stdbool.h>
#include <stdint.h>

#define GUID_SIZE 37

struct guid_key {
    uint8_t tag[16], mask[16];
};

/* From the installation's key (store key_get "guid"). */
void guid_key_init(struct guid_key *key, const uint8_t secret[32]);
/* `kind` is an entity_kind, or one of the kinds below for things that are not entities. */
void guid_format(const struct guid_key *key, int32_t kind, int64_t id, char text[GUID_SIZE]);
/* False: not a GUID of ours of this kind. */
bool guid_parse(const struct guid_key *key, int32_t kind, const char *text, int64_t *id);

#define GUID_CONTACT 1000
#define GUID_CALL 1001
#define GUID_JOB 1010
#define GUID_CONSENT 1003

#endif
