/* managing.h -- rows for store/manage.h over many contacts, inside a write transaction: what
 * may be asked of them is read in one round trip, what they change goes out in one. Each
 * contact at most once between open and flush. Private to postgres/. */
#ifndef CADRAN_STORE_POSTGRES_MANAGING_H
#define CADRAN_STORE_POSTGRES_MANAGING_H

#include "store/manage.h"
#include "store/postgres/build.h"
#include "store/postgres/items.h"

struct managing {
    struct pg_connection *connection;
    struct contact_set set;
    struct managing_queue {
        struct contact_id contact;
        struct manage_queue queue;
    } * queues; /* by contact */
    size_t queue_count, queue_capacity;
    struct items dues; /* by contact and campaign; is_found: has a due row there */
    /* What changed: */
    struct pg_batch states, addresses, dropped, due, events;
    struct items counts; /* by list and state */
    struct items lanes;  /* by campaign and zone set */
    struct contact_event event;
    struct edit *edits; /* who takes a place again */
    size_t edit_count, edit_capacity;
};

/* Locks the contacts and reads them; `requeues`: and what the queues know of them. The builds
 * of their lists are locked already; the pipeline is idle. */
enum status managing_open(struct managing *managing, struct pg_connection *connection,
                          const struct contact_id *ids, size_t count, bool requeues,
                          struct error *err);
struct manage_rows managing_rows(struct managing *managing);
/* Stores what changed; the events of all have the kind, the actor, the act and the note of the
 * last. Those that are to take a place again do. */
enum status managing_flush(struct managing *managing, struct error *err);
void managing_fini(struct managing *managing);

#endif
