/* contact.h -- contacts as Genesys Cloud's clients write and read them (WritableDialerContact,
 * DialerContact), and as the store keeps them.
 *
 * One fact has one place: that a contact, or one of its numbers, may not be called is kept
 * once, and shown as callable, as phoneNumberStatus and as contactableStatus.Voice. What no
 * call needs (other channels, retention) is kept beside, as it came. Pure but for the functions
 * it is given. Source: index.d.ts of purecloud-platform-client-v2 262. */
#ifndef CADRAN_RESOURCE_CONTACT_H
#define CADRAN_RESOURCE_CONTACT_H

#include <jansson.h>

#include "base/memory.h"
#include "port/store.h"
#include "resource/guid.h"
#include "resource/value.h"

#define CONTACT_ID_MAX 100    /* characters */
#define CONTACT_VALUE_MAX 512 /* characters */
#define CONTACT_PRIORITY_FIRST 255

/* What is known of where an address is; "" and 0: nothing. */
struct contact_place {
    const char *zone; /* what its zone column says */
    const char *zip;  /* what the list's ZIP code column says */
    int64_t number;
};

/* What texts mean, and what the store calls it. */
struct contact_world {
    const struct guid_key *key;
    const struct list_columns *columns;
    /* E.164 digits; 0: not a valid number. */
    int64_t (*parse_number)(void *context, const char *text);
    /* The zones of an address: the one that is named, or those of its number and ZIP code. */
    enum status (*zone_set)(void *context, const struct contact_place *place,
                            struct zone_set_id *id, struct error *err);
    /* The one zone of a set; NULL where it has several or none. */
    const char *(*zone_name)(void *context, struct zone_set_id id);
    void *context;
    struct wall now;         /* a contact that is made now is kept from now on */
    const struct zone *zone; /* of the list, where its day ends; NULL: UTC */
};

/* A body into a write whose texts live in the arena. `before` NULL: a whole contact, columns
 * that it does not name are empty. Else a change of that contact: what the body does not name
 * stays, and the write means this version of it. STATUS_INVALID with a path. */
enum status contact_read(const struct contact_world *world, const json_t *body,
                         const struct contact_record *before, struct arena *arena,
                         struct contact_write *contact, struct error *err) MUST_USE;

/* A zone that somebody gave (catalogue C45) stays with its number, for it decides when the
 * person may be called; but not where a change of this contact says another zone in the
 * number's zone column. contact_read does it for a change; a whole contact that is put in
 * another's place asks for it. */
void contact_zones_renew(const struct contact_world *world, const struct contact_record *before,
                         struct contact_write *contact);

/* As it is read by clients, without id, list and address: those are the caller's. */
json_t *contact_write(const struct contact_world *world, const struct contact_record *record);

#endif
