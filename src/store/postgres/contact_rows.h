/* contact_rows.h -- the hot rows of many contacts, read and locked in one round trip.
 *
 *     struct contact_set set = {0};
 *     contact_set_want(&set, id); ...
 *     contact_set_send(&set, connection, true); pg_sync(connection);
 *     status = contact_set_receive(&set, connection, err);
 *     struct contact *contact = contact_set_find(&set, id); */
#ifndef CADRAN_STORE_POSTGRES_CONTACT_ROWS_H
#define CADRAN_STORE_POSTGRES_CONTACT_ROWS_H

#include "store/postgres/session.h"

struct contact_entry {
    struct contact contact;
    bool is_found;
    bool is_changed;    /* by whoever holds the set */
    bool is_outside;    /* the campaign's filter does not mean it */
    uint32_t addresses; /* whose addresses changed, by place */
};

struct contact_set {
    struct contact_entry *entries; /* by id, once sent */
    size_t count, capacity;
    struct pg_batch keys;
};

void contact_set_want(struct contact_set *set, struct contact_id id);
/* Two statements, received by contact_set_receive. Locks rows in the order of their ids. */
void contact_set_send(struct contact_set *set, struct pg_connection *connection, bool locks);
enum status contact_set_receive(struct contact_set *set, struct pg_connection *connection,
                                struct error *err);
/* The three of them. */
enum status contact_set_load(struct contact_set *set, struct pg_connection *connection,
                             bool locks, struct error *err);
/* NULL where it was not wanted or is not there. */
struct contact_entry *contact_set_find(const struct contact_set *set, struct contact_id id);
/* The entry of a wanted contact, there or not. */
struct contact_entry *contact_set_entry(const struct contact_set *set, struct contact_id id);
void contact_set_fini(struct contact_set *set);

/* The records of `ids`, ascending; those that are gone are left out. */
enum status pg_records_load(struct pg_connection *reader, const struct contact_id *ids,
                            size_t wanted, struct arena *arena, struct contact_record *records,
                            size_t *count, struct error *err);

/* Rows of STATE_MOVE and ADDRESS_MOVE. */
void contact_state_add(struct pg_batch *batch, const struct contact *contact);
void contact_address_add(struct pg_batch *batch, const struct contact *contact, int32_t place);
/* Rows of STATE_COPY and ADDRESS_COPY. */
void contact_state_copy(struct pg_copy *copy, const struct contact *contact);
void contact_address_copy(struct pg_copy *copy, const struct contact *contact, int32_t place);

#endif
