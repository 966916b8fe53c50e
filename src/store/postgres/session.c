#include "store/postgres/session.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "store/postgres/postgres.h"

enum status pg_unavailable(const struct error *err)
{
    return err && err->status ? err->status : STATUS_UNAVAILABLE;
}

/* --- Reads
 * ----------------------------------------------------------------------------------------- */

struct pg_connection *pg_read_begin(struct store_postgres *store, struct error *err)
{
    struct error unwanted;
    err = err ? err : &unwanted;
    struct pg_connection *connection = per_thread_get(store->readers);
    if (!connection) {
        (void)error_set(err, STATUS_UNAVAILABLE, "",
                        "no more than %d threads read from the database at once",
                        POSTGRES_READER_MAX);
        return NULL;
    }
    (void)pg_drain(connection, NULL); /* the end of the read before */
    if (pg_ready(connection, err))
        return NULL;
    pg_send_quiet(connection, PG_BEGIN_READ);
    return connection;
}

enum status pg_read_end(struct pg_connection *connection, enum status status)
{
    /* It wrote nothing: nobody waits for the answer. */
    pg_send_quiet(connection, PG_COMMIT);
    pg_sync(connection);
    pg_flush(connection);
    if (connection->is_broken)
        (void)pg_drain(connection, NULL);
    return status;
}

/* --- Writes
 * ---------------------------------------------------------------------------------------- */

struct pg_connection *pg_write_begin(struct store_postgres *store, enum store_priority priority,
                                     struct error *err)
{
    struct error unwanted;
    err = err ? err : &unwanted;
    struct pg_writer *writer = &store->writers[priority];
    lane_enter(writer->lane, 0);
    int64_t held_us = store->held_until_us - instant_mono_now().us;
    if (priority == STORE_BULK && held_us > 0)
        usleep((useconds_t)held_us);
    if (pg_ready(&writer->connection, err)) {
        lane_leave(writer->lane);
        return NULL;
    }
    pg_send_quiet(&writer->connection, PG_BEGIN_WRITE);
    return &writer->connection;
}

static void rollback(struct pg_connection *connection)
{
    (void)pg_drain(connection, NULL);
    pg_send_quiet(connection, PG_ROLLBACK);
    pg_sync(connection);
    (void)pg_drain(connection, NULL);
}

static enum status commit(struct pg_connection *connection, struct error *err)
{
    bool was_broken = connection->is_broken;
    pg_send(connection, PG_COMMIT, NULL, 0);
    pg_sync(connection);
    struct pg_rows rows = pg_receive_of(connection, PG_COMMIT);
    bool is_committed = rows.result && strcmp(PQcmdStatus(rows.result), "COMMIT") == 0;
    enum status status = pg_end(&rows, err);
    if (is_committed)
        return STATUS_OK;
    if (!connection->is_broken)
        return status ? status
                      : error_set(err, STATUS_UNAVAILABLE, "",
                                  "the database gave the transaction up: try again");
    if (was_broken)
        return status;
    log_error("store.commit_lost", "at=%s", pg_target_name(connection->target));
    return error_set(err, STATUS_UNKNOWN, "",
                     "the server was lost while a change was stored: it may or may not be "
                     "there; look at the server");
}

enum status pg_write_end(struct store_postgres *store, enum store_priority priority,
                         enum status status, struct error *err)
{
    struct pg_writer *writer = &store->writers[priority];
    struct mono began = instant_mono_now();
    if (!status)
        status = commit(&writer->connection, err);
    int64_t now_us = instant_mono_now().us;
    if (priority == STORE_DIALER && now_us - began.us > PG_COMMIT_SLOW_US)
        store->held_until_us = now_us + PG_BULK_HOLD_US;
    if (status)
        rollback(&writer->connection);
    if (writer->connection.is_broken)
        pg_close(&writer->connection);
    lane_leave(writer->lane);
    return status;
}
