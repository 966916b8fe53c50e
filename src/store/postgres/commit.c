/* The dialer's group commit: two round trips, whatever its size. */
#include "store/postgres/group.h"

#define RELEASE_CHUNK 500 /* calls let go of at a time when a cell is taken over */
#define COMMIT_TRIES 3    /* where two writes meet */

static enum status release_chunk(struct group *group, int32_t cell, struct wall now,
                                 int64_t *after, struct error *err)
{
    struct running_row found[RELEASE_CHUNK];
    size_t count = 0;
    struct pg_rows rows =
        pg_start(group->connection, PG_RUNNING_NEXT,
                 PG_VALUES(PG_INT(cell), PG_INT(*after), PG_INT(RELEASE_CHUNK)));
    while (count < RELEASE_CHUNK && pg_next(&rows)) {
        found[count] = (struct running_row){
            .campaign = {pg_int(&rows, 0)},
            .call = {pg_int(&rows, 1)},
            .contact = {pg_int(&rows, 2)},
            .pass = pg_int(&rows, 3),
            .cell = cell,
            .column = (int16_t)pg_int(&rows, 5),
            .is_ended = pg_bool(&rows, 6),
        };
        group_want_running(group, &found[count]);
        *after = found[count++].call.value;
    }
    enum status status = pg_end(&rows, err);
    if (status || !count)
        return status ? status : STATUS_NOT_FOUND;
    group_send(group);
    status = group_receive(group, err);
    struct dialer_rows dialer = group_rows(group);
    for (size_t i = 0; i < count && !status; i++)
        status = dialer_release(&dialer, &found[i], now, err);
    if (!status)
        group_store(group);
    return status ? status : pg_settle(group->connection, err);
}

enum status postgres_epoch_take(void *self, int32_t cell, struct wall now, int64_t *epoch,
                                struct error *err)
{
    struct store_postgres *store = self;
    struct pg_connection *writer = pg_write_begin(store, STORE_DIALER, err);
    if (!writer)
        return pg_unavailable(err);
    int64_t after = 0;
    enum status status =
        pg_get(writer, PG_SEQUENCE_NEXT, PG_VALUES(PG_TEXT("epoch")), epoch, err);
    if (!status)
        status = pg_run(writer, PG_CELL_PUT, PG_VALUES(PG_INT(cell), PG_INT(*epoch)), err);
    while (!status) {
        struct group group = {.connection = writer};
        status = release_chunk(&group, cell, now, &after, err);
        group_fini(&group);
    }
    return pg_write_end(store, STORE_DIALER, status == STATUS_NOT_FOUND ? STATUS_OK : status,
                        err);
}

static void answer_all(const struct dialer_batch *batch, enum dialer_result result)
{
    for (int32_t i = 0; i < batch->count; i++)
        batch->results[i] = result;
}

static enum status epoch_receive(struct pg_connection *writer, const struct dialer_batch *batch,
                                 struct error *err)
{
    struct pg_rows rows = pg_receive(writer);
    int64_t epoch = pg_next(&rows) ? pg_int(&rows, 0) : 0;
    enum status status = pg_end(&rows, err);
    if (status || (epoch == batch->epoch && epoch != 0))
        return status;
    return error_set(err, STATUS_STALE, "epoch",
                     "another process has taken the cell over: this one must stop dialing");
}

static enum status commit_once(struct store_postgres *store, const struct dialer_batch *batch,
                               bool *is_retryable, struct error *err)
{
    struct pg_connection *writer = pg_write_begin(store, STORE_DIALER, err);
    if (!writer)
        return pg_unavailable(err);
    writer->is_retryable = false;
    struct group group = {.connection = writer};
    for (int32_t i = 0; i < batch->count; i++)
        group_want(&group, &batch->writes[i]);
    /* The epoch's row first: whoever takes the cell over waits for this transaction, or this
     * one sees the new epoch. */
    pg_send(writer, PG_CELL_GET, PG_VALUES(PG_INT(batch->cell)));
    group_send(&group);
    enum status status = epoch_receive(writer, batch, err);
    if (!status)
        status = group_receive(&group, err);
    struct dialer_rows rows = group_rows(&group);
    for (int32_t i = 0; i < batch->count && !status; i++)
        status = dialer_apply(&rows, &batch->writes[i], batch->cell, batch->epoch,
                              &batch->results[i], err);
    if (!status)
        group_store(&group);
    group_fini(&group);
    status = pg_write_end(store, STORE_DIALER, status, err);
    *is_retryable = status == STATUS_UNAVAILABLE && writer->is_retryable;
    return status;
}

enum status postgres_commit(void *self, const struct dialer_batch *batch, struct error *err)
{
    bool is_retryable = true;
    enum status status = STATUS_UNAVAILABLE;
    for (int i = 0; i < COMMIT_TRIES && is_retryable; i++) {
        answer_all(batch, WRITE_FAILED);
        status = commit_once(self, batch, &is_retryable, err);
    }
    if (status)
        answer_all(batch, status == STATUS_UNKNOWN ? WRITE_UNKNOWN : WRITE_FAILED);
    return status;
}
