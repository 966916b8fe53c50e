/* session.h -- the store around its connections, and its transactions. Private to postgres/. */
#ifndef CADRAN_STORE_POSTGRES_SESSION_H
#define CADRAN_STORE_POSTGRES_SESSION_H

#include "base/lane.h"
#include "base/per_thread.h"
#include "port/store.h"
#include "store/dialer.h"
#include "store/postgres/connection.h"
#include "store/postgres/operations.h"

struct pg_writer {
    struct lane *lane;
    struct pg_connection connection;
};

struct store_postgres {
    struct pg_target *target;
    struct pg_writer writers[STORE_BULK + 1]; /* by priority */
    struct per_thread *readers;
    _Atomic int64_t held_until_us; /* bulk work waits until then (monotonic) */
};

/* The calling thread's reader inside a read transaction of one snapshot; NULL where it cannot
 * be had, with the reason in *err. */
struct pg_connection *pg_read_begin(struct store_postgres *store, struct error *err);
/* Ends the read transaction and passes `status` on. */
enum status pg_read_end(struct pg_connection *connection, enum status status);

/* After a commit of the dialer's that took longer than this, bulk work holds its breath: what
 * it writes is flushed by the dialer's next commit, before that can answer. */
#define PG_COMMIT_SLOW_US (15 * US_PER_MS)
#define PG_BULK_HOLD_US (40 * US_PER_MS)

/* Takes the writer of this priority and begins a transaction: its BEGIN goes out with the first
 * statement. NULL: it cannot be had, and *err says why. */
struct pg_connection *pg_write_begin(struct store_postgres *store, enum store_priority priority,
                                     struct error *err);
/* Commits where `status` is OK, else rolls back; lets the writer go. What was sent and not
 * received yet is received here: a failure in it is the transaction's. */
enum status pg_write_end(struct store_postgres *store, enum store_priority priority,
                         enum status status, struct error *err);

/* The status to answer where a begin gave NULL. */
enum status pg_unavailable(const struct error *err);

/* Stored numbers: append only. */
enum pg_fact { PG_FACT_END = 1, PG_FACT_WRAPUP = 2 };

/* Where a job stands, inside the transaction under way, whose pipeline is idle. */
enum status pg_job_mark(struct pg_connection *connection, const struct job_mark *mark,
                        struct error *err);
/* Whether the contact's value in a column is on the list; the pipeline is idle. */
enum status pg_dnc_has_contact(struct pg_connection *connection, struct dnc_list_id list,
                               struct contact_id contact, int16_t column, struct wall now,
                               bool *has, struct error *err);
/* A database that a transfer has not filled yet is refused, but for a transfer. */
enum status pg_schema_apply(struct pg_connection *connection, bool for_transfer,
                            struct error *err);
/* What pg_schema_apply would refuse, without changing anything; *applied migrations are there.
 */
enum status pg_schema_check(struct pg_connection *connection, bool for_transfer,
                            int64_t *applied, struct error *err);
/* The partitions of the attempts from the month of `from` to that of `upto`. */
enum status pg_months_make(struct pg_connection *connection, struct wall from, struct wall upto,
                           struct error *err);

/* How far ahead they are made. */
struct wall pg_months_ahead(struct wall now);

/* Sends: what the contacts (list, id) have in indices of columns goes. In front of what changes
 * them; PG_VALUE_PUT with the same keys puts back what they have then. */
void pg_columns_unindex_send(struct pg_connection *connection, struct pg_batch *keys);

/* Removes contacts, inside a write transaction, and says nothing of it in their histories. */
enum status pg_contacts_forget(struct pg_connection *writer, const struct contact_id *ids,
                               size_t count, int64_t *removed, struct error *err);
/* Removes what a campaign leaves in the queue tables, in chunks. */
enum status pg_queue_drop(struct store_postgres *store, struct campaign_id campaign,
                          struct error *err);

#endif
