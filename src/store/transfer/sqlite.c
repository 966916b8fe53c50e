/* SQLite as the source of a transfer, one snapshot beside a running server; and as its sink: a
 * new file that gets its name when it is whole. */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "store/schema/schema.h"
#include "store/sqlite/sqlite.h"
#include "store/transfer/transfer.h"

struct sqlite_end {
    char path[4096], part[4112];
    sqlite3 *db;
    sqlite3_stmt *tables; /* of a source: the names */
    sqlite3_stmt *rows;   /* SELECT of the table, or INSERT into it */
    struct transfer_table table;
    bool is_last, is_sequences, is_sink, is_whole;
};

static enum status database_failed(struct sqlite_end *end, struct error *err)
{
    return error_set(err, STATUS_UNAVAILABLE, end->path, "the database does not answer: %s",
                     sqlite3_errmsg(end->db));
}

static bool prepare(struct sqlite_end *end, const char *sql, sqlite3_stmt **statement)
{
    sqlite3_finalize(*statement);
    *statement = NULL;
    return sqlite3_prepare_v2(end->db, sql, -1, statement, NULL) == SQLITE_OK;
}

static void end_close(void *self)
{
    static const char *const tails[] = {"", "-wal", "-shm"};
    struct sqlite_end *end = self;
    sqlite3_finalize(end->tables);
    sqlite3_finalize(end->rows);
    sqlite3_close(end->db);
    for (size_t i = 0; end->is_sink && !end->is_whole && i < ARRAY_LEN(tails); i++) {
        char name[4128];
        snprintf(name, sizeof(name), "%s%s", end->part, tails[i]);
        unlink(name);
    }
    free(end);
}

static enum status get_number(struct sqlite_end *end, const char *sql, int64_t *value,
                              struct error *err)
{
    sqlite3_stmt *statement = NULL;
    bool is_ok = prepare(end, sql, &statement) && sqlite3_step(statement) == SQLITE_ROW;
    *value = is_ok ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    return is_ok ? STATUS_OK : database_failed(end, err);
}

/* --- The source
 * ------------------------------------------------------------------------------------ */

static const char sequences_sql[] =
    "SELECT 'consent',coalesce((SELECT max(id) FROM consent),0) UNION ALL "
    "SELECT 'contact_fact',coalesce((SELECT max(seq) FROM contact_fact),0) UNION ALL "
    "SELECT 'entity',coalesce((SELECT seq FROM sqlite_sequence WHERE name='entity'),0) UNION "
    "ALL SELECT 'job',coalesce((SELECT seq FROM sqlite_sequence WHERE name='job'),0) UNION ALL "
    "SELECT 'zone_set',coalesce((SELECT max(id) FROM zone_set),0)";

/* The columns of a table: SQLite's that travel, then those that it computes. Names come from
 * the schema that this program made. */
static enum status select_make(struct sqlite_end *end, struct transfer_table *table,
                               struct error *err)
{
    struct buffer sql;
    sqlite3_stmt *columns = NULL;
    buffer_init(&sql, 64 << 10);
    buffer_text(&sql, "SELECT ");
    bool is_ok = prepare(end, "SELECT name FROM pragma_table_info(?1) ORDER BY cid", &columns);
    sqlite3_bind_text(columns, 1, table->name, -1, SQLITE_STATIC);
    while (is_ok && sqlite3_step(columns) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(columns, 0);
        if (transfer_is_derived(table->name, name))
            continue;
        is_ok = table->column_count < TRANSFER_COLUMN_MAX - 1;
        buffer_format(&sql, "%s\"%s\"", table->column_count ? "," : "", name);
        snprintf(table->columns[table->column_count++], TRANSFER_NAME_SIZE, "%s", name);
    }
    sqlite3_finalize(columns);
    static const char *const computed[] = {"list", "campaign"};
    for (size_t i = 0; i < ARRAY_LEN(computed) && is_ok; i++) {
        const char *expression = transfer_expression(table->name, computed[i]);
        if (!expression)
            continue;
        buffer_format(&sql, ",%s", expression);
        snprintf(table->columns[table->column_count++], TRANSFER_NAME_SIZE, "%s", computed[i]);
    }
    buffer_format(&sql, " FROM \"%s\"", table->name);
    is_ok = is_ok && !sql.is_full && prepare(end, sql.data, &end->rows);
    buffer_fini(&sql);
    return is_ok ? STATUS_OK : database_failed(end, err);
}

static enum status table_next(void *self, struct transfer_table *table, struct error *err)
{
    struct sqlite_end *end = self;
    char sql[128];
    *table = (struct transfer_table){0};
    if (end->is_last)
        return STATUS_NOT_FOUND;
    int code = sqlite3_step(end->tables);
    while (code == SQLITE_ROW &&
           transfer_is_derived((const char *)sqlite3_column_text(end->tables, 0), NULL))
        code = sqlite3_step(end->tables);
    if (code != SQLITE_ROW) {
        end->is_last = true;
        snprintf(table->name, sizeof(table->name), TRANSFER_SEQUENCES);
        snprintf(table->columns[0], TRANSFER_NAME_SIZE, "name");
        snprintf(table->columns[1], TRANSFER_NAME_SIZE, "value");
        table->column_count = 2;
        table->rows = TRANSFER_SEQUENCE_COUNT;
        end->table = *table;
        return prepare(end, sequences_sql, &end->rows) ? STATUS_OK : database_failed(end, err);
    }
    snprintf(table->name, sizeof(table->name), "%s",
             (const char *)sqlite3_column_text(end->tables, 0));
    snprintf(sql, sizeof(sql), "SELECT count(*) FROM \"%s\"", table->name);
    enum status status = get_number(end, sql, &table->rows, err);
    if (!status)
        status = select_make(end, table, err);
    end->table = *table;
    return status;
}

static enum status row_next(void *self, struct transfer_cell *cells, struct error *err)
{
    struct sqlite_end *end = self;
    int code = sqlite3_step(end->rows);
    if (code == SQLITE_DONE)
        return STATUS_NOT_FOUND;
    if (code != SQLITE_ROW)
        return database_failed(end, err);
    for (int i = 0; i < end->table.column_count; i++) {
        struct transfer_cell *cell = &cells[i];
        int type = sqlite3_column_type(end->rows, i);
        *cell = (struct transfer_cell){.kind = 'n'};
        if (type == SQLITE_INTEGER) {
            cell->kind = 'i';
            cell->integer = sqlite3_column_int64(end->rows, i);
        } else if (type != SQLITE_NULL) {
            cell->kind = type == SQLITE_BLOB ? 'b' : 't';
            cell->bytes = type == SQLITE_BLOB ? sqlite3_column_blob(end->rows, i)
                                              : (const char *)sqlite3_column_text(end->rows, i);
            cell->len = (size_t)sqlite3_column_bytes(end->rows, i);
            cell->bytes = cell->bytes ? cell->bytes : "";
        }
    }
    return STATUS_OK;
}

/* Every migration of this version and no other. */
static enum status version_check(struct sqlite_end *end, struct error *err)
{
    int64_t applied = 0;
    sqlite3_stmt *list = NULL;
    enum status status = STATUS_OK;
    if (!prepare(end, "SELECT number,name,checksum FROM migration", &list))
        status = error_set(err, STATUS_INVALID, end->path, "it is no database of Cadran");
    while (!status && sqlite3_step(list) == SQLITE_ROW) {
        applied++;
        status = schema_history_check(
            schema_migrations, schema_migration_count, end->path, sqlite3_column_int64(list, 0),
            (const char *)sqlite3_column_text(list, 1), sqlite3_column_int64(list, 2), err);
    }
    sqlite3_finalize(list);
    if (!status && applied != (int64_t)schema_migration_count)
        status = error_set(err, STATUS_INVALID, end->path,
                           "it is of an older version: start this version's cadran serve on it "
                           "once, then try again");
    return status;
}

enum status transfer_sqlite_source(const char *path, struct transfer_source *source,
                                   struct error *err)
{
    struct sqlite_end *end = memory_new(1, sizeof(*end));
    *source = (struct transfer_source){
        .self = end, .table_next = table_next, .row_next = row_next, .close = end_close};
    snprintf(source->name, sizeof(source->name), "%.150s", path);
    snprintf(end->path, sizeof(end->path), "%s", path);
    enum status status = STATUS_OK;
    if (access(path, R_OK) != 0)
        status =
            error_set(err, STATUS_NOT_FOUND, path, "there is no database: %s", strerror(errno));
    else if (sqlite3_open_v2(path, &end->db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        status = database_failed(end, err);
    if (!status && (sqlite3_busy_timeout(end->db, 5000) != SQLITE_OK ||
                    sqlite3_exec(end->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK))
        status = database_failed(end, err);
    if (!status)
        status = version_check(end, err);
    if (!status &&
        !prepare(end,
                 "SELECT name FROM sqlite_schema WHERE type='table' AND name NOT LIKE"
                 " 'sqlite_%' ORDER BY name",
                 &end->tables))
        status = database_failed(end, err);
    if (status)
        end_close(end);
    return status;
}

/* --- The sink
 * -------------------------------------------------------------------------------------- */

static enum status table_begin(void *self, const struct transfer_table *table,
                               struct error *err)
{
    struct sqlite_end *end = self;
    struct buffer sql, values;
    end->table = *table;
    end->is_sequences = strcmp(table->name, TRANSFER_SEQUENCES) == 0;
    if (end->is_sequences) {
        /* Of AUTOINCREMENT tables; the others' next id follows from their rows. */
        if (prepare(end,
                    "INSERT INTO sqlite_sequence(name,seq) SELECT ?1,?2 WHERE ?1 IN"
                    "('entity','job') AND ?2>0",
                    &end->rows) &&
            sqlite3_exec(end->db, "DELETE FROM sqlite_sequence", NULL, NULL, NULL) == SQLITE_OK)
            return STATUS_OK;
        return database_failed(end, err);
    }
    buffer_init(&sql, 64 << 10);
    buffer_init(&values, 64 << 10);
    buffer_format(&sql, "INSERT INTO \"%s\"(", table->name);
    bool is_first = true, is_list = strcmp(table->name, "list") == 0;
    for (int i = 0; i < table->column_count; i++) {
        if (transfer_expression(table->name, table->columns[i]))
            continue;
        buffer_format(&sql, "%s\"%s\"", is_first ? "" : ",", table->columns[i]);
        buffer_format(&values, "%s?%d", is_first ? "" : ",", i + 1);
        is_first = false;
    }
    /* The index of numbers is made anew. */
    buffer_format(&sql, "%s) VALUES(%s%s)", is_list ? ",number_upto,edits" : "", values.data,
                  is_list ? ",0,0" : "");
    bool is_ok = !sql.is_full && prepare(end, sql.data, &end->rows);
    if (is_ok && strcmp(table->name, "sequence") == 0)
        is_ok = sqlite3_exec(end->db, "DELETE FROM sequence", NULL, NULL, NULL) == SQLITE_OK;
    buffer_fini(&sql);
    buffer_fini(&values);
    return is_ok ? STATUS_OK : database_failed(end, err);
}

static enum status row_put(void *self, const struct transfer_cell *cells, struct error *err)
{
    struct sqlite_end *end = self;
    for (int i = 0; i < end->table.column_count; i++) {
        const struct transfer_cell *cell = &cells[i];
        if (transfer_expression(end->table.name, end->table.columns[i]))
            continue;
        int code = SQLITE_OK;
        if (cell->kind == 'i')
            code = sqlite3_bind_int64(end->rows, i + 1, cell->integer);
        else if (cell->kind == 't')
            code = sqlite3_bind_text64(end->rows, i + 1, cell->bytes, cell->len, SQLITE_STATIC,
                                       SQLITE_UTF8);
        else if (cell->kind == 'b')
            code = sqlite3_bind_blob64(end->rows, i + 1, cell->bytes, cell->len, SQLITE_STATIC);
        else
            code = sqlite3_bind_null(end->rows, i + 1);
        if (code != SQLITE_OK)
            return database_failed(end, err);
    }
    if (sqlite3_step(end->rows) != SQLITE_DONE)
        return database_failed(end, err);
    sqlite3_reset(end->rows);
    return STATUS_OK;
}

static enum status table_end(void *self, struct error *err)
{
    struct sqlite_end *end = self;
    bool is_ok = sqlite3_exec(end->db, "COMMIT; BEGIN", NULL, NULL, NULL) == SQLITE_OK;
    return is_ok ? STATUS_OK : database_failed(end, err);
}

static enum status read_back(void *self, struct transfer_source *source, struct error *err)
{
    const struct sqlite_end *end = self;
    return transfer_sqlite_source(end->part, source, err);
}

/* Folds the log in, syncs, and gives the file its name. */
static enum status finish(void *self, struct error *err)
{
    struct sqlite_end *end = self;
    char wal[4120];
    if (sqlite3_exec(end->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_wal_checkpoint_v2(end->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) !=
            SQLITE_OK)
        return database_failed(end, err);
    sqlite3_finalize(end->rows);
    end->rows = NULL;
    sqlite3_close(end->db);
    end->db = NULL;
    snprintf(wal, sizeof(wal), "%s-wal", end->part);
    unlink(wal); /* empty */
    int fd = open(end->part, O_RDWR | O_CLOEXEC);
    end->is_whole = fd >= 0 && fsync(fd) == 0 && rename(end->part, end->path) == 0;
    int reason = errno;
    if (fd >= 0)
        close(fd);
    if (end->is_whole)
        return STATUS_OK;
    return error_set(err, STATUS_UNAVAILABLE, end->path, "it cannot be put in its place: %s",
                     strerror(reason));
}

enum status transfer_sqlite_sink(const char *path, struct transfer_sink *sink,
                                 struct error *err)
{
    struct store_port store;
    struct sqlite_end *end = memory_new(1, sizeof(*end));
    *sink = (struct transfer_sink){
        .self = end,
        .table_begin = table_begin,
        .row_put = row_put,
        .table_end = table_end,
        .read_back = read_back,
        .finish = finish,
        .close = end_close,
    };
    snprintf(sink->name, sizeof(sink->name), "%.150s", path);
    snprintf(end->path, sizeof(end->path), "%s", path);
    snprintf(end->part, sizeof(end->part), "%s.restoring", end->path);
    end->is_sink = true;
    sink->began_anew = unlink(end->part) == 0;
    enum status status = STATUS_OK;
    if (access(path, F_OK) == 0)
        status =
            error_set(err, STATUS_CONFLICT, path,
                      "there is a database already: give --data another directory, or move "
                      "it away first");
    if (!status)
        status = store_sqlite_open(end->part, &store, err);
    if (!status) {
        store.ops->destroy(store.self);
        if (sqlite3_open_v2(end->part, &end->db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
            sqlite3_exec(end->db, "PRAGMA synchronous=OFF; PRAGMA cache_size=-64000; BEGIN",
                         NULL, NULL, NULL) != SQLITE_OK)
            status = database_failed(end, err);
    }
    if (status)
        end_close(end);
    return status;
}
