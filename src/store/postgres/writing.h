/* writing.h -- contacts that are replaced, inside a transaction that has locked them. */
#ifndef CADRAN_STORE_POSTGRES_WRITING_H
#define CADRAN_STORE_POSTGRES_WRITING_H

#include "store/manage.h"
#include "store/postgres/build.h"

struct replaced {
    struct contact_entry *entry;       /* its contact is what is to be stored */
    const struct contact_write *write; /* the last */
    int32_t times;                     /* its version grows by */
    /* Of the last write that says it: */
    const char *extra;
    bool has_expiry;
    struct wall expires_at;
};
/* One more write of it. */
void replaced_take(struct replaced *replaced, const struct contact_write *write);

/* The builds over a list, of PG_BUILDS_LOCK. */
enum status builds_receive(struct pg_connection *connection,
                           struct build_row builds[BUILDS_MAX], size_t *count,
                           struct error *err);
/* What the contacts of `actors` (list, id, actor's kind and id) were goes into their history.
 * Sent, in front of what changes them. */
void send_before(struct pg_connection *connection, struct pg_batch *actors, struct wall now,
                 enum contact_event_kind kind);
/* Stores the contacts; edits_place comes next. */
enum status replaced_store(struct pg_connection *connection, const struct replaced *replaced,
                           size_t count, struct wall now, struct error *err);
/* One edit after the other takes its place: a contact that is due at another time than before
 * (is_moved) by store/manage.c, others in the queues of their list, whose builds are locked. */
enum status edits_place(struct pg_connection *connection, const struct build_row *builds,
                        size_t build_count, const struct edit *edits, size_t count,
                        struct wall now, struct error *err);

#endif
