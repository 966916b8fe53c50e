/* Applies the numbered migrations under the database's write lock, and refuses a database whose
 * history is not ours. */
#include "store/schema/schema.h"

#include "base/log.h"
#include "store/sqlite/connection.h"

#define APPLICATION_ID 0x43616472 /* "Cadr" */

static const char *const version_table =
    "CREATE TABLE IF NOT EXISTS migration(number INTEGER PRIMARY KEY, name TEXT NOT NULL,"
    " checksum INTEGER NOT NULL, applied_at INTEGER NOT NULL) STRICT;";

static enum status run(struct connection *connection, const char *sql, struct error *err)
{
    return sql_connection_status(connection,
                                 sqlite3_exec(connection->db, sql, NULL, NULL, NULL), err);
}

static enum status pragma_get(struct connection *connection, const char *sql, int64_t *value,
                              struct error *err)
{
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(connection->db, sql, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    *value = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    enum status status = sql_connection_status(connection, code, err);
    sqlite3_finalize(statement);
    return status;
}

/* A new file, or one of ours. */
static enum status owner_check(struct connection *connection, const char *path,
                               struct error *err)
{
    int64_t application, tables;
    enum status status = pragma_get(connection, "PRAGMA application_id", &application, err);
    if (!status)
        status = pragma_get(connection, "SELECT count(*) FROM sqlite_schema", &tables, err);
    if (status)
        return status;
    if (application == APPLICATION_ID || (application == 0 && tables == 0))
        return STATUS_OK;
    return error_set(err, STATUS_INVALID, "",
                     "%s is another program's database: give a path of its own to Cadran",
                     path);
}

static enum status history_read(struct connection *connection, const char *path,
                                int64_t *applied, struct error *err)
{
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(
        connection->db, "SELECT number,name,checksum FROM migration ORDER BY number DESC", -1,
        &statement, NULL);
    enum status status = STATUS_OK;
    *applied = 0;
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(statement);
        if (code != SQLITE_ROW || status)
            break;
        int64_t number = sqlite3_column_int64(statement, 0);
        *applied = number > *applied ? number : *applied;
        status = schema_history_check(schema_migrations, schema_migration_count, path, number,
                                      (const char *)sqlite3_column_text(statement, 1),
                                      sqlite3_column_int64(statement, 2), err);
    }
    if (!status)
        status = sql_connection_status(connection, code, err);
    sqlite3_finalize(statement);
    return status;
}

static enum status migration_apply(struct connection *connection,
                                   const struct schema_migration *migration, struct error *err)
{
    enum status status = run(connection, migration->sql, err);
    if (status)
        return status;
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(connection->db, "INSERT INTO migration VALUES(?1,?2,?3,?4)",
                                  -1, &statement, NULL);
    sqlite3_bind_int64(statement, 1, migration->number);
    sqlite3_bind_text(statement, 2, migration->name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 3, schema_checksum(migration->sql));
    sqlite3_bind_int64(statement, 4, instant_wall_now().us);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    status = sql_connection_status(connection, code, err);
    sqlite3_finalize(statement);
    if (!status)
        log_info("store.migrated", "migration=%s", migration->name);
    return status;
}

static enum status apply_all(struct connection *connection, const char *path, struct error *err)
{
    int64_t applied = 0;
    enum status status = owner_check(connection, path, err);
    if (!status)
        status = run(connection, version_table, err);
    if (!status)
        status = run(connection, "PRAGMA application_id=1130456178", err);
    if (!status)
        status = history_read(connection, path, &applied, err);
    for (size_t i = 0; i < schema_migration_count && !status; i++)
        if (schema_migrations[i].number > applied)
            status = migration_apply(connection, &schema_migrations[i], err);
    return status;
}

enum status schema_apply(struct connection *connection, const char *path, struct error *err)
{
    _Static_assert(APPLICATION_ID == 1130456178, "the pragma's number is the same");
    enum status status = run(connection, "BEGIN EXCLUSIVE", err);
    if (status)
        return status;
    status = apply_all(connection, path, err);
    if (!status)
        status = run(connection, "COMMIT", err);
    if (status)
        (void)run(connection, "ROLLBACK", NULL);
    return status;
}
