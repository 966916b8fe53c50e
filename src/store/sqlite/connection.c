#include "store/sqlite/connection.h"

#include "base/ensure.h"
#include "base/log.h"
#include "store/sqlite/sqlite.h"

static const char *const statement_texts[SQL_COUNT] = {
#define SQL(name, text) [SQL_##name] = text,
#include "store/sqlite/statements.h"
#undef SQL
};

/* --- A connection
 * --------------------------------------------------------------------------------- */

enum status sql_connection_status(struct connection *connection, int code, struct error *err)
{
    const char *text = connection->db ? sqlite3_errmsg(connection->db) : sqlite3_errstr(code);
    switch (code & 0xFF) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE: return STATUS_OK;
    case SQLITE_CONSTRAINT:
        return error_set(err, STATUS_CONFLICT, "", "the database refuses it: %s", text);
    case SQLITE_FULL:
        return error_set(err, STATUS_UNAVAILABLE, "",
                         "the disk is full (%s): make room; nothing stored is lost", text);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return error_set(err, STATUS_UNAVAILABLE, "",
                         "another program holds the database (%s): stop it", text);
    case SQLITE_NOTADB:
        return error_set(err, STATUS_INVALID, "", "the file is not a database: %s", text);
    default:
        return error_set(err, STATUS_UNAVAILABLE, "", "the database does not answer: %s (%d)",
                         text, code);
    }
}

enum status sql_connection_open(struct connection *connection, const char *path, int flags,
                                struct error *err)
{
    memset(connection, 0, sizeof(*connection));
    int code = sqlite3_open_v2(path, &connection->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_busy_timeout(connection->db, 5000);
    sqlite3_extended_result_codes(connection->db, 1);
    if (code == SQLITE_OK)
        code = sql_functions_register(connection->db);
    if (code == SQLITE_OK)
        code = sqlite3_exec(connection->db,
                            "PRAGMA page_size=4096; PRAGMA journal_mode=WAL;"
                            "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;"
                            "PRAGMA journal_size_limit=67108864; PRAGMA temp_store=MEMORY;"
                            "PRAGMA trusted_schema=OFF",
                            NULL, NULL, NULL);
    enum status status = sql_connection_status(connection, code, err);
    if (status)
        sql_connection_close(connection);
    return status;
}

void sql_connection_close(struct connection *connection)
{
    for (int i = 0; i < SQL_COUNT; i++)
        sqlite3_finalize(connection->statements[i]);
    ensure(sqlite3_close(connection->db) == SQLITE_OK);
    memset(connection, 0, sizeof(*connection));
}

static int bind(sqlite3_stmt *statement, int at, const struct sql_value *value)
{
    if (value->type == 'i')
        return sqlite3_bind_int64(statement, at, value->integer);
    if (value->type == 'r')
        return sqlite3_bind_double(statement, at, value->real);
    if (value->type == 't')
        return sqlite3_bind_text(statement, at, value->bytes, value->len, SQLITE_STATIC);
    if (value->len == 0)
        return sqlite3_bind_zeroblob(statement, at, 0);
    return sqlite3_bind_blob(statement, at, value->bytes, value->len, SQLITE_STATIC);
}

struct rows sql_start(struct connection *connection, enum sql sql,
                      const struct sql_value *values, int count)
{
    struct rows rows = {.connection = connection, .code = SQLITE_OK};
    sqlite3_stmt **place = &connection->statements[sql];
    if (!*place)
        rows.code = sqlite3_prepare_v3(connection->db, statement_texts[sql], -1,
                                       SQLITE_PREPARE_PERSISTENT, place, NULL);
    rows.statement = *place;
    for (int i = 0; i < count && rows.code == SQLITE_OK; i++)
        rows.code = bind(rows.statement, i + 1, &values[i]);
    return rows;
}

bool rows_next(struct rows *rows)
{
    if (rows->code == SQLITE_OK || rows->code == SQLITE_ROW)
        rows->code = sqlite3_step(rows->statement);
    return rows->code == SQLITE_ROW;
}

enum status rows_end(struct rows *rows, struct error *err)
{
    enum status status = sql_connection_status(rows->connection, rows->code, err);
    if (rows->statement)
        sqlite3_reset(rows->statement);
    return status;
}

enum status sql_run(struct connection *connection, enum sql sql, const struct sql_value *values,
                    int count, struct error *err)
{
    struct rows rows = sql_start(connection, sql, values, count);
    while (rows_next(&rows))
        ;
    return rows_end(&rows, err);
}

enum status sql_get(struct connection *connection, enum sql sql, const struct sql_value *values,
                    int count, int64_t *value, struct error *err)
{
    struct rows rows = sql_start(connection, sql, values, count);
    bool has_row = rows_next(&rows);
    if (has_row)
        *value = sqlite3_column_int64(rows.statement, 0);
    enum status status = rows_end(&rows, err);
    return status || has_row ? status : STATUS_NOT_FOUND;
}

const char *rows_text(struct rows *rows, int column, struct arena *arena)
{
    const char *text = (const char *)sqlite3_column_text(rows->statement, column);
    if (!text)
        return NULL;
    return arena_text(arena, text, (size_t)sqlite3_column_bytes(rows->statement, column));
}

/* --- Transactions
 * ----------------------------------------------------------------------------------- */

struct connection *read_begin(struct store_sqlite *store, struct error *err)
{
    struct connection *connection = per_thread_get(store->readers);
    if (!connection) {
        (void)error_set(err, STATUS_UNAVAILABLE, "",
                        "no connection to the database can be opened (at most %d threads read)",
                        SQLITE_READER_MAX);
        return NULL;
    }
    return sql_run(connection, SQL_BEGIN_READ, NULL, 0, err) ? NULL : connection;
}

enum status read_end(struct connection *connection, enum status status)
{
    (void)sql_run(connection, SQL_COMMIT, NULL, 0, NULL); /* it wrote nothing */
    return status;
}

static enum status set_sync(struct store_sqlite *store, bool is_synced, struct error *err)
{
    if (store->is_synced == is_synced)
        return STATUS_OK;
    store->is_synced = is_synced;
    return sql_run(&store->writer, is_synced ? SQL_SYNC_FULL : SQL_SYNC_NORMAL, NULL, 0, err);
}

/* After a sync that failed the system may have forgotten pages of the log that it still shows,
 * and a crash would cut the log there, whatever was synced behind it. So nothing is written
 * until all of it was copied into the database, and that was synced, and the log begun anew. */
static enum status recover(struct store_sqlite *store, struct error *err)
{
    if (!store->is_suspect)
        return STATUS_OK;
    int code = sqlite3_wal_checkpoint_v2(store->writer.db, NULL, SQLITE_CHECKPOINT_TRUNCATE,
                                         NULL, NULL);
    if (code != SQLITE_OK)
        return error_set(err, STATUS_UNAVAILABLE, "",
                         "the disk failed and is not trusted yet (code %d): look at it", code);
    store->is_suspect = false;
    log_info("store.recovered", "after=failed_sync");
    return STATUS_OK;
}

enum status write_begin(struct store_sqlite *store, enum store_priority priority,
                        struct error *err)
{
    lane_enter(store->lane, (int)priority);
    enum status status = recover(store, err);
    if (!status)
        status = set_sync(store, priority != STORE_BULK, err);
    if (!status)
        status = sql_run(&store->writer, SQL_BEGIN_WRITE, NULL, 0, err);
    if (status)
        lane_leave(store->lane);
    return status;
}

static enum status commit(struct store_sqlite *store, struct error *err)
{
    struct rows rows = sql_start(&store->writer, SQL_COMMIT, NULL, 0);
    (void)rows_next(&rows);
    int code = rows.code;
    enum status status = rows_end(&rows, err);
    if (!status)
        return STATUS_OK;
    if (!sqlite3_get_autocommit(store->writer.db))
        (void)sql_run(&store->writer, SQL_ROLLBACK, NULL, 0, NULL);
    log_error("store.commit_failed", "code=%d", code);
    /* A failed write or sync of the log: a crash now might still bring the frames back. */
    store->is_suspect = (code & 0xFF) == SQLITE_IOERR;
    if (store->is_suspect)
        return error_set(err, STATUS_UNKNOWN, "",
                         "the disk failed while a change was stored (code %d): it may or may "
                         "not be there; look at the disk",
                         code);
    return status;
}

enum status write_end(struct store_sqlite *store, enum status status, struct error *err)
{
    if (!status)
        status = commit(store, err);
    else if (!sqlite3_get_autocommit(store->writer.db))
        (void)sql_run(&store->writer, SQL_ROLLBACK, NULL, 0, NULL);
    lane_leave(store->lane);
    return status;
}

bool bulk_is_spent(struct mono began)
{
    return instant_mono_now().us - began.us > BULK_BUDGET_US;
}
