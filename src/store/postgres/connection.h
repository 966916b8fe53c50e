/* connection.h -- one PostgreSQL connection with its statements. Private to postgres/.
 *
 * Statements are prepared at their first use and go out in libpq's pipeline mode: several are
 * sent, then their results are received in order, in one round trip.
 *
 *     pg_send(c, PG_A, ...); pg_send(c, PG_B, ...); pg_sync(c);
 *     struct pg_rows a = pg_receive(c); ... status = pg_end(&a, err);
 *     struct pg_rows b = pg_receive(c); ... status = pg_end(&b, err);
 *
 * After a failure what was sent behind it fails with the same sentence, and the transaction is
 * lost. A connection belongs to one thread at a time. */
#ifndef CADRAN_STORE_POSTGRES_CONNECTION_H
#define CADRAN_STORE_POSTGRES_CONNECTION_H

#include <libpq-fe.h>

#include "base/instant.h"
#include "base/memory.h"
#include "base/status.h"
#include "store/postgres/parameters.h"

enum pg {
#define PG(name, text) PG_##name,
#include "store/postgres/statements.h"
#undef PG
    PG_COUNT
};

/* Where to connect, and how: made once from the URL. */
struct pg_target;
enum status pg_target_create(const char *url, struct pg_target **target, struct error *err);
void pg_target_destroy(struct pg_target *target);
/* "the database NAME at HOST", without a secret. */
const char *pg_target_name(const struct pg_target *target);

#define PG_PIPELINE_MAX 64
struct pg_connection {
    const struct pg_target *target;
    PGconn *link; /* NULL: not connected */
    bool is_bulk; /* commits are not waited for */
    bool is_broken;
    bool is_retryable; /* the failure was a deadlock or a failed serialization */
    bool is_prepared[PG_COUNT];
    struct {
        char kind; /* p (a preparation), q (a query), s (a sync) */
        bool is_quiet;
        enum pg sql;
    } sent[PG_PIPELINE_MAX];
    int sent_first, sent_count;
    struct error failure; /* the first of the pipeline under way; its status 0: none */
};

/* Connects where it is not connected (any more). */
enum status pg_ready(struct pg_connection *connection, struct error *err);
void pg_close(struct pg_connection *connection);

void pg_send(struct pg_connection *connection, enum pg sql, const struct pg_value *values,
             int count);
/* The same, and nobody receives its result: only its failure counts. */
void pg_send_quiet(struct pg_connection *connection, enum pg sql);
void pg_send_batch(struct pg_connection *connection, enum pg sql, struct pg_batch *batch);
void pg_sync(struct pg_connection *connection);
/* Sends what waits in the buffers without waiting for an answer. */
void pg_flush(struct pg_connection *connection);
/* Takes what is still to come: the connection is idle after it. The first failure, if any. */
enum status pg_drain(struct pg_connection *connection, struct error *err);

/* Syncs and receives everything that was sent, in the middle of a transaction. */
enum status pg_settle(struct pg_connection *connection, struct error *err);

struct pg_rows {
    struct pg_connection *connection;
    PGresult *result;
    int at, count;
};
/* The result of the next statement that was sent and not received. */
struct pg_rows pg_receive(struct pg_connection *connection);
/* The result of the statement `sql`, sent last; what came before it is dropped, but for its
 * failure. */
struct pg_rows pg_receive_of(struct pg_connection *connection, enum pg sql);
bool pg_next(struct pg_rows *rows);
enum status pg_end(struct pg_rows *rows, struct error *err);

/* Sends, syncs and receives one statement. */
struct pg_rows pg_start(struct pg_connection *connection, enum pg sql,
                        const struct pg_value *values, int count);
/* The same with a statement that was made for the occasion. */
struct pg_rows pg_start_made(struct pg_connection *connection, const char *sql,
                             const struct pg_value *values, int count);
enum status pg_run(struct pg_connection *connection, enum pg sql, const struct pg_value *values,
                   int count, struct error *err);
/* The first column of the first row; STATUS_NOT_FOUND (without a sentence) where none. */
enum status pg_get(struct pg_connection *connection, enum pg sql, const struct pg_value *values,
                   int count, int64_t *value, struct error *err);
/* How many rows the statement changed. */
int64_t pg_changed(const struct pg_rows *rows);

/* Columns of the row that pg_next came to. NULL is 0. */
int64_t pg_int(const struct pg_rows *rows, int column);
bool pg_bool(const struct pg_rows *rows, int column);
const char *pg_text(const struct pg_rows *rows, int column); /* until pg_end; NULL is NULL */
const void *pg_bytes(const struct pg_rows *rows, int column, size_t *len);
const char *pg_text_in(const struct pg_rows *rows, int column, struct arena *arena);

/* COPY of whole rows inside a transaction; the pipeline is empty. */
enum status pg_copy_in(struct pg_connection *connection, enum pg sql, struct pg_copy *copy,
                       struct error *err);
/* Plain SQL of our own, several statements: for migrations. */
enum status pg_script(struct pg_connection *connection, const char *sql, struct error *err);

#endif
