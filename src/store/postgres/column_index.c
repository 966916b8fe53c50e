/* Indices of columns, as rows of a table: filled in short bulk transactions, and kept by
 * writes. Those of STORE_BULK leave it behind: then it is not whole, and not used. No value of
 * the list changes while a piece is filled: a piece has the list's lock of values alone. */
#include <string.h>

#include "base/log.h"
#include "store/postgres/session.h"

#define PIECE_ROWS 2000        /* contacts of one transaction: a few tens of ms */
#define CALL_US (2 * US_PER_S) /* a call of column_index lasts about so long */

void pg_columns_unindex_send(struct pg_connection *connection, struct pg_batch *keys)
{
    pg_send(connection, PG_VALUES_SHARE, PG_VALUES(PG_ARRAY(&keys->columns[0])));
    pg_send_batch(connection, PG_VALUE_DELETE, keys);
}

struct filling {
    struct store_postgres *store;
    struct pg_value list, column, kind;
    int64_t base, last; /* keys: before the first contact, and of the last one */
    int64_t upto;       /* every contact up to this key is in it */
};

static struct filling filling_of(struct store_postgres *store, struct list_id list,
                                 int16_t column, bool is_numeric)
{
    return (struct filling){.store = store,
                            .list = PG_INT(list.value),
                            .column = PG_INT(column),
                            .kind = PG_INT(is_numeric),
                            .base = list.value << CONTACT_SEQUENCE_BITS};
}

static void progress_give(const struct filling *f, enum status status,
                          struct column_index *progress)
{
    *progress = (struct column_index){.done = f->upto - f->base,
                                      .total = f->last - f->base,
                                      .is_whole = !status && f->upto >= f->last};
}

/* Makes the index known, so that writes keep it. */
static enum status index_begin(struct filling *f, struct error *err)
{
    struct pg_connection *writer = pg_write_begin(f->store, STORE_API, err);
    if (!writer)
        return pg_unavailable(err);
    int64_t count = 0;
    enum status status = pg_run(writer, PG_VALUES_LOCK, PG_VALUES(f->list), err);
    if (!status)
        status = pg_get(writer, PG_INDEX_COUNT, PG_VALUES(f->list), &count, err);
    if (!status && count >= COLUMN_INDEX_MAX)
        status = error_set(err, STATUS_FULL, "",
                           "the list is sorted by %d columns already, which is the most",
                           COLUMN_INDEX_MAX);
    if (!status)
        status = pg_run(writer, PG_INDEX_INSERT, PG_VALUES(f->list, f->column, f->kind), err);
    return pg_write_end(f->store, STORE_API, status, err);
}

static enum status piece_fill(struct filling *f, struct error *err)
{
    struct pg_connection *writer = pg_write_begin(f->store, STORE_BULK, err);
    if (!writer)
        return pg_unavailable(err);
    int64_t upto = 0;
    enum status status = pg_run(writer, PG_VALUES_LOCK, PG_VALUES(f->list), err);
    if (!status)
        status =
            pg_get(writer, PG_INDEX_GET, PG_VALUES(f->list, f->column, f->kind), &upto, err);
    if (status)
        return pg_write_end(f->store, STORE_BULK, status, err);
    int64_t from = upto > f->base ? upto : f->base, to = from + PIECE_ROWS;
    to = to < f->last ? to : f->last;
    if (to > from) {
        pg_send(writer, PG_VALUE_FILL,
                PG_VALUES(f->list, f->column, f->kind, PG_INT(from), PG_INT(to)));
        pg_send(writer, PG_INDEX_PUT, PG_VALUES(f->list, f->column, f->kind, PG_INT(to)));
    }
    status = pg_write_end(f->store, STORE_BULK, STATUS_OK, err);
    if (!status)
        f->upto = to > from ? to : from;
    return status;
}

/* How far it is; STATUS_NOT_FOUND: nobody has asked for it yet. */
static enum status standing(struct filling *f, struct error *err)
{
    struct pg_connection *reader = pg_read_begin(f->store, err);
    if (!reader)
        return pg_unavailable(err);
    int64_t last = 0;
    f->upto = f->base;
    enum status status = pg_get(reader, PG_LIST_GET, PG_VALUES(f->list), &last, err);
    f->last = f->base | last;
    if (status == STATUS_NOT_FOUND)
        status = STATUS_OK; /* a list that never had a contact */
    if (!status)
        status =
            pg_get(reader, PG_INDEX_GET, PG_VALUES(f->list, f->column, f->kind), &f->upto, err);
    f->upto = f->upto > f->base ? f->upto : f->base;
    return pg_read_end(reader, status);
}

/* What was filled is there for everybody now: then a page by number reads the index alone, and
 * not each of its rows. The server does it sooner or later by itself; nothing depends on it. */
static void values_vacuum(struct store_postgres *store)
{
    struct pg_writer *writer = &store->writers[STORE_BULK];
    struct error err;
    lane_enter(writer->lane, 0);
    enum status status = pg_ready(&writer->connection, &err);
    if (!status)
        status = pg_script(&writer->connection,
                           "VACUUM (SKIP_LOCKED, TRUNCATE FALSE) column_value", &err);
    if (status)
        log_warn("store.vacuum_failed", "text=%s", err.text);
    if (writer->connection.is_broken)
        pg_close(&writer->connection);
    lane_leave(writer->lane);
}

enum status postgres_column_index(void *self, struct list_id list, int16_t column,
                                  bool is_numeric, struct column_index *progress,
                                  struct error *err)
{
    struct mono began = instant_mono_now();
    struct filling f = filling_of(self, list, column, is_numeric);
    enum status status = standing(&f, err);
    if (status == STATUS_NOT_FOUND)
        status = index_begin(&f, err);
    bool was_whole = !status && f.upto >= f.last;
    while (!status && f.upto < f.last && instant_mono_now().us - began.us < CALL_US)
        status = piece_fill(&f, err);
    if (!status && !was_whole && f.upto >= f.last)
        values_vacuum(self);
    progress_give(&f, status, progress);
    return status;
}

enum status postgres_column_index_get(void *self, struct list_id list, int16_t column,
                                      bool is_numeric, struct column_index *progress,
                                      struct error *err)
{
    struct filling f = filling_of(self, list, column, is_numeric);
    enum status status = standing(&f, err);
    progress_give(&f, status, progress);
    return status;
}
