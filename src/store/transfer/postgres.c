/* PostgreSQL as the source of a transfer, one snapshot; and as its sink: marked in the comment
 * of its migration table until it is whole. Tables and columns are those of the catalogue. */
#include <arpa/inet.h>
#include <endian.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "store/postgres/session.h"
#include "store/schema/schema.h"
#include "store/transfer/transfer.h"

#define COPY_SOME ((size_t)256 << 10) /* bytes that are sent at once */
#define MONTHS_MAX 600
static const char copy_head[19] = "PGCOPY\n\377\r\n\0";

struct pg_end {
    char *url; /* of a sink */
    struct pg_target *target;
    struct pg_connection connection;
    PGconn *link; /* the connection's, out of its pipeline */
    PGresult *catalogue;
    int at; /* its next row */
    struct transfer_table table;
    char types[TRANSFER_COLUMN_MAX]; /* 1, 2, 4, 8 (bytes of an integer), t, b */
    int places[TRANSFER_COLUMN_MAX]; /* of a sink: which cell a column takes */
    int column_count;
    struct pg_copy copy;
    char *row;     /* of a source: the message */
    size_t row_at; /* read so far */
    size_t row_len;
    bool is_last, is_sequences;
    int month_place;            /* of a sink's attempts: the column that says when; else -1 */
    int64_t months[MONTHS_MAX]; /* that have a partition by now, or were tried */
    int month_count;
    char copy_sql[4096];
};

static enum status link_failed(struct pg_end *end, struct error *err)
{
    const char *text = PQerrorMessage(end->link);
    return error_set(err, STATUS_UNAVAILABLE, "", "%s does not answer: %.*s",
                     pg_target_name(end->target), (int)strcspn(text, "\n"), text);
}

/* A statement without rows, or the first column of its first. */
static enum status run(struct pg_end *end, const char *sql, int64_t *value, struct error *err)
{
    PGresult *result = PQexec(end->link, sql);
    ExecStatusType kind = PQresultStatus(result);
    bool is_ok = kind == PGRES_COMMAND_OK || kind == PGRES_TUPLES_OK;
    if (value)
        *value = is_ok && PQntuples(result) ? strtoll(PQgetvalue(result, 0, 0), NULL, 10) : 0;
    PQclear(result);
    return is_ok ? STATUS_OK : link_failed(end, err);
}

static void end_close(void *self)
{
    struct pg_end *end = self;
    PQclear(end->catalogue);
    PQfreemem(end->row);
    pg_copy_fini(&end->copy);
    pg_close(&end->connection);
    pg_target_destroy(end->target);
    free(end->url);
    free(end);
}

static const char catalogue_sql[] =
    "SELECT c.relname,a.attname,t.typname FROM pg_class c JOIN pg_attribute a ON"
    " a.attrelid=c.oid JOIN pg_type t ON t.oid=a.atttypid WHERE c.relnamespace="
    "current_schema()::regnamespace AND c.relkind IN ('r','p') AND NOT c.relispartition AND"
    " c.relname<>'migration' AND a.attnum>0 AND NOT a.attisdropped ORDER BY"
    " c.relname COLLATE \"C\",a.attnum";

/* Tables and sequences by their owners' names. */
static const char sequences_sql[] =
    "SELECT 'consent' COLLATE \"C\",CASE WHEN is_called THEN last_value ELSE 0 END FROM"
    " consent_id_seq UNION ALL SELECT 'contact_fact',CASE WHEN is_called THEN last_value ELSE "
    "0 END FROM"
    " contact_fact_seq_seq UNION ALL SELECT 'entity',CASE WHEN is_called THEN last_value ELSE 0"
    " END FROM entity_id_seq UNION ALL SELECT 'job',CASE WHEN is_called THEN last_value ELSE 0"
    " END FROM job_id_seq UNION ALL SELECT 'zone_set',CASE WHEN is_called THEN last_value"
    " ELSE 0 END FROM zone_set_id_seq";

static char type_of(const char *name)
{
    static const struct {
        const char *name;
        char type;
    } known[] = {{"int8", 8}, {"int4", 4},   {"int2", 2},
                 {"bool", 1}, {"text", 't'}, {"bytea", 'b'}};
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (strcmp(known[i].name, name) == 0)
            return known[i].type;
    return 0;
}

static enum status open(struct pg_end *end, const char *url, struct error *err)
{
    enum status status = pg_target_create(url, &end->target, err);
    end->connection.target = end->target;
    if (!status)
        status = pg_ready(&end->connection, err);
    return status;
}

/* Out of the pipeline for good. */
static enum status settle(struct pg_end *end, struct error *err)
{
    enum status status = pg_drain(&end->connection, err);
    end->link = end->connection.link;
    if (!status && !PQexitPipelineMode(end->link))
        status = link_failed(end, err);
    return status;
}

/* The columns of the table at end->at, or of the one named; *found is their count. */
static void columns_read(struct pg_end *end, const char *table, int from,
                         char names[TRANSFER_COLUMN_MAX][TRANSFER_NAME_SIZE], int *found)
{
    *found = 0;
    for (int i = from; i < PQntuples(end->catalogue); i++) {
        if (strcmp(PQgetvalue(end->catalogue, i, 0), table) != 0 ||
            *found == TRANSFER_COLUMN_MAX)
            continue;
        snprintf(names[*found], TRANSFER_NAME_SIZE, "%s", PQgetvalue(end->catalogue, i, 1));
        end->types[(*found)++] = type_of(PQgetvalue(end->catalogue, i, 2));
    }
}

static void names_write(struct buffer *sql, char names[][TRANSFER_NAME_SIZE], int count)
{
    for (int i = 0; i < count; i++)
        buffer_format(sql, "%s\"%s\"", i ? "," : "", names[i]);
}

/* --- The source
 * ------------------------------------------------------------------------------------ */

static enum status copy_begin(struct pg_end *end, const char *sql, ExecStatusType wanted,
                              struct error *err)
{
    PGresult *result = PQexec(end->link, sql);
    bool is_ok = PQresultStatus(result) == wanted;
    PQclear(result);
    return is_ok ? STATUS_OK : link_failed(end, err);
}

static enum status source_table(void *self, struct transfer_table *table, struct error *err)
{
    struct pg_end *end = self;
    struct buffer sql;
    char count[128];
    *table = (struct transfer_table){0};
    if (end->is_last)
        return STATUS_NOT_FOUND;
    while (end->at < PQntuples(end->catalogue) &&
           transfer_is_derived(PQgetvalue(end->catalogue, end->at, 0), NULL))
        end->at++;
    if (end->at == PQntuples(end->catalogue)) {
        end->is_last = true;
        snprintf(table->name, sizeof(table->name), TRANSFER_SEQUENCES);
        snprintf(table->columns[0], TRANSFER_NAME_SIZE, "name");
        snprintf(table->columns[1], TRANSFER_NAME_SIZE, "value");
        table->column_count = 2;
        table->rows = TRANSFER_SEQUENCE_COUNT;
        end->types[0] = 't';
        end->types[1] = 8;
        end->table = *table;
        buffer_init(&sql, 4096);
        buffer_format(&sql, "COPY (%s) TO STDOUT (FORMAT binary)", sequences_sql);
        enum status status = copy_begin(end, sql.data, PGRES_COPY_OUT, err);
        buffer_fini(&sql);
        return status;
    }
    snprintf(table->name, sizeof(table->name), "%s", PQgetvalue(end->catalogue, end->at, 0));
    columns_read(end, table->name, end->at, table->columns, &table->column_count);
    end->at += table->column_count;
    end->table = *table;
    for (int i = 0; i < table->column_count; i++)
        if (!end->types[i])
            return error_set(err, STATUS_INVALID, table->name,
                             "its column %s has a type that cannot be moved",
                             table->columns[i]);
    snprintf(count, sizeof(count), "SELECT count(*) FROM \"%s\"", table->name);
    enum status status = run(end, count, &table->rows, err);
    if (status)
        return status;
    buffer_init(&sql, 64 << 10);
    buffer_text(&sql, "COPY (SELECT ");
    names_write(&sql, table->columns, table->column_count);
    buffer_format(&sql, " FROM \"%s\") TO STDOUT (FORMAT binary)", table->name);
    status = copy_begin(end, sql.data, PGRES_COPY_OUT, err);
    buffer_fini(&sql);
    return status;
}

/* The next message that holds a row; STATUS_NOT_FOUND at the end. */
static enum status message_next(struct pg_end *end, struct error *err)
{
    while (end->row_len - end->row_at <= 2) {
        PQfreemem(end->row);
        end->row = NULL;
        end->row_at = 0;
        int len = PQgetCopyData(end->link, &end->row, 0);
        end->row_len = len > 0 ? (size_t)len : 0;
        if (len == -1) {
            PGresult *result = PQgetResult(end->link);
            bool is_ok = PQresultStatus(result) == PGRES_COMMAND_OK;
            PQclear(result);
            while ((result = PQgetResult(end->link)))
                PQclear(result);
            return is_ok ? STATUS_NOT_FOUND : link_failed(end, err);
        }
        if (len < 0)
            return link_failed(end, err);
        if (end->row_len >= sizeof(copy_head) && memcmp(end->row, copy_head, 11) == 0)
            end->row_at = sizeof(copy_head);
    }
    return STATUS_OK;
}

static int64_t integer_of(const char *bytes, int size)
{
    uint64_t wide;
    uint32_t word;
    uint16_t half;
    switch (size) {
    case 8: memcpy(&wide, bytes, sizeof(wide)); return (int64_t)be64toh(wide);
    case 4: memcpy(&word, bytes, sizeof(word)); return (int32_t)be32toh(word);
    case 2: memcpy(&half, bytes, sizeof(half)); return (int16_t)be16toh(half);
    default: return *bytes;
    }
}

static enum status source_row(void *self, struct transfer_cell *cells, struct error *err)
{
    struct pg_end *end = self;
    enum status status = message_next(end, err);
    if (status)
        return status;
    end->row_at += 2; /* the count of the fields: ours */
    for (int i = 0; i < end->table.column_count; i++) {
        if (end->row_len - end->row_at < 4)
            return error_set(err, STATUS_UNAVAILABLE, "", "the server sent a row cut short");
        int32_t len = (int32_t)integer_of(end->row + end->row_at, 4);
        end->row_at += 4;
        cells[i] = (struct transfer_cell){.kind = 'n'};
        if (len < 0)
            continue;
        if (end->row_len - end->row_at < (size_t)len)
            return error_set(err, STATUS_UNAVAILABLE, "", "the server sent a row cut short");
        const char *bytes = end->row + end->row_at;
        end->row_at += (size_t)len;
        cells[i].kind = end->types[i] <= 8 ? 'i' : end->types[i];
        if (cells[i].kind == 'i') {
            cells[i].integer = integer_of(bytes, len);
        } else {
            cells[i].bytes = bytes;
            cells[i].len = (size_t)len;
        }
    }
    return STATUS_OK;
}

static enum status source_open(const char *url, bool for_transfer,
                               struct transfer_source *source, struct error *err)
{
    struct pg_end *end = memory_new(1, sizeof(*end));
    int64_t applied = 0;
    *source = (struct transfer_source){
        .self = end, .table_next = source_table, .row_next = source_row, .close = end_close};
    enum status status = open(end, url, err);
    if (!status)
        snprintf(source->name, sizeof(source->name), "%.150s", pg_target_name(end->target));
    if (!status)
        status = pg_schema_check(&end->connection, for_transfer, &applied, err);
    if (!status &&
        applied != schema_postgres_migrations[schema_postgres_migration_count - 1].number)
        status = error_set(err, STATUS_INVALID, "--database",
                           "%s is empty or of an older version: start this version's cadran "
                           "serve on it once, then try again",
                           source->name);
    if (!status)
        status = settle(end, err);
    if (!status)
        status = run(end,
                     "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL "
                     "enable_seqscan=on",
                     NULL, err);
    if (!status) {
        end->catalogue = PQexec(end->link, catalogue_sql);
        if (PQresultStatus(end->catalogue) != PGRES_TUPLES_OK)
            status = link_failed(end, err);
    }
    if (status)
        end_close(end);
    return status;
}

enum status transfer_postgres_source(const char *url, struct transfer_source *source,
                                     struct error *err)
{
    return source_open(url, false, source, err);
}

/* --- The sink
 * -------------------------------------------------------------------------------------- */

static enum status sink_table(void *self, const struct transfer_table *table, struct error *err)
{
    struct pg_end *end = self;
    struct buffer sql;
    char names[TRANSFER_COLUMN_MAX][TRANSFER_NAME_SIZE];
    end->table = *table;
    end->is_sequences = strcmp(table->name, TRANSFER_SEQUENCES) == 0;
    if (end->is_sequences)
        return STATUS_OK;
    columns_read(end, table->name, 0, names, &end->column_count);
    if (!end->column_count)
        return error_set(err, STATUS_INVALID, table->name, "there is no such table in %s",
                         pg_target_name(end->target));
    for (int i = 0; i < end->column_count; i++) {
        end->places[i] = -1;
        for (int j = 0; j < table->column_count; j++)
            if (strcmp(table->columns[j], names[i]) == 0)
                end->places[i] = j;
        if (end->places[i] < 0 || !end->types[i])
            return error_set(err, STATUS_INVALID, table->name, "its column %s cannot be filled",
                             names[i]);
    }
    buffer_init(&sql, 64 << 10);
    buffer_format(&sql, "COPY \"%s\"(", table->name);
    names_write(&sql, names, end->column_count);
    buffer_text(&sql, ") FROM STDIN (FORMAT binary)");
    snprintf(end->copy_sql, sizeof(end->copy_sql), "%s", sql.data);
    buffer_fini(&sql);
    end->copy.len = 0;
    end->copy.is_begun = false;
    end->month_place = -1;
    for (int i = 0; i < table->column_count && strcmp(table->name, "attempt") == 0; i++)
        if (strcmp(table->columns[i], "at") == 0)
            end->month_place = i;
    if (strcmp(table->name, "sequence") == 0 && run(end, "DELETE FROM sequence", NULL, err))
        return STATUS_UNAVAILABLE;
    return copy_begin(end, end->copy_sql, PGRES_COPY_IN, err);
}

static void cell_copy(struct pg_copy *copy, const struct transfer_cell *cell, char type)
{
    if (cell->kind == 'n')
        pg_copy_text(copy, NULL);
    else if (cell->kind == 'i')
        pg_copy_int(copy, type, cell->integer);
    else
        pg_copy_bytes(copy, cell->bytes, cell->len);
}

static enum status copy_flush(struct pg_end *end, struct error *err)
{
    bool is_ok =
        !end->copy.len || PQputCopyData(end->link, end->copy.bytes, (int)end->copy.len) == 1;
    end->copy.len = 0;
    return is_ok ? STATUS_OK : link_failed(end, err);
}

static enum status sequence_put(struct pg_end *end, const struct transfer_cell *cells,
                                struct error *err)
{
    char name[TRANSFER_NAME_SIZE], value[32];
    snprintf(name, sizeof(name), "%.*s", (int)cells[0].len, cells[0].bytes);
    snprintf(value, sizeof(value), "%lld", (long long)cells[1].integer);
    const char *values[] = {name, value};
    PGresult *result = PQexecParams(
        end->link,
        "SELECT setval(pg_get_serial_sequence($1,CASE $1 WHEN 'contact_fact' THEN 'seq' ELSE"
        " 'id' END),greatest($2::bigint,1),$2::bigint>0)",
        2, NULL, values, NULL, NULL, 0);
    bool is_ok = PQresultStatus(result) == PGRES_TUPLES_OK;
    PQclear(result);
    return is_ok ? STATUS_OK : link_failed(end, err);
}

static enum status copy_end(struct pg_end *end, struct error *err)
{
    pg_copy_tail(&end->copy);
    enum status status = copy_flush(end, err);
    end->copy.is_begun = false;
    if (!status && PQputCopyEnd(end->link, NULL) != 1)
        status = link_failed(end, err);
    for (PGresult *result; (result = PQgetResult(end->link)); PQclear(result))
        if (PQresultStatus(result) != PGRES_COMMAND_OK && !status)
            status = link_failed(end, err);
    return status;
}

/* An attempt of a month that was not met yet: its partition is made between two COPYs. */
static enum status month_meet(struct pg_end *end, int64_t at_us, struct error *err)
{
    struct civil civil = civil_from_wall((struct wall){at_us});
    int64_t month = civil.year * 12 + civil.month;
    char sql[96];
    for (int i = 0; i < end->month_count; i++)
        if (end->months[i] == month)
            return STATUS_OK;
    if (end->month_count == MONTHS_MAX)
        return STATUS_OK; /* attempt_other takes it */
    end->months[end->month_count++] = month;
    enum status status = copy_end(end, err);
    snprintf(sql, sizeof(sql), "SELECT attempt_month_make(%lld)", (long long)at_us);
    if (!status)
        status = run(end, sql, NULL, err);
    return status ? status : copy_begin(end, end->copy_sql, PGRES_COPY_IN, err);
}

static enum status sink_row(void *self, const struct transfer_cell *cells, struct error *err)
{
    struct pg_end *end = self;
    if (end->is_sequences)
        return sequence_put(end, cells, err);
    if (end->month_place >= 0) {
        enum status status = month_meet(end, cells[end->month_place].integer, err);
        if (status)
            return status;
    }
    pg_copy_row(&end->copy, (int16_t)end->column_count);
    for (int i = 0; i < end->column_count; i++) {
        const struct transfer_cell *cell = &cells[end->places[i]];
        if (cell->kind != 'n' && (cell->kind == 'i') != (end->types[i] <= 8))
            return error_set(err, STATUS_INVALID, end->table.name,
                             "its column %d has a value of another type", i + 1);
        cell_copy(&end->copy, cell, end->types[i]);
    }
    return end->copy.len < COPY_SOME ? STATUS_OK : copy_flush(end, err);
}

static enum status sink_table_end(void *self, struct error *err)
{
    struct pg_end *end = self;
    return end->is_sequences ? STATUS_OK : copy_end(end, err);
}

static enum status sink_read_back(void *self, struct transfer_source *source, struct error *err)
{
    const struct pg_end *end = self;
    return source_open(end->url, true, source, err);
}

#define MARK "Cadran: a transfer into it is under way"

static enum status sink_finish(void *self, struct error *err)
{
    struct pg_end *end = self;
    return run(end, "COMMENT ON TABLE migration IS 'Cadran'", NULL, err);
}

/* Whether a table holds anything; those that a new database has rows in do not count. */
static enum status is_empty(struct pg_end *end, bool *is, struct error *err)
{
    int64_t found = 0;
    *is = true;
    for (int i = 0; i < PQntuples(end->catalogue); i++) {
        const char *table = PQgetvalue(end->catalogue, i, 0);
        char sql[160];
        if (strcmp(table, "sequence") == 0 ||
            (i && strcmp(table, PQgetvalue(end->catalogue, i - 1, 0)) == 0))
            continue;
        snprintf(sql, sizeof(sql), "SELECT count(*) FROM (SELECT 1 FROM \"%s\" LIMIT 1) t",
                 table);
        enum status status = run(end, sql, &found, err);
        if (status)
            return status;
        *is = *is && !found;
    }
    return STATUS_OK;
}

static enum status empty_all(struct pg_end *end, struct error *err)
{
    enum status status = STATUS_OK;
    for (int i = 0; i < PQntuples(end->catalogue) && !status; i++) {
        const char *table = PQgetvalue(end->catalogue, i, 0);
        char sql[160];
        snprintf(sql, sizeof(sql), "TRUNCATE \"%s\"", table);
        if (i == 0 || strcmp(table, PQgetvalue(end->catalogue, i - 1, 0)) != 0)
            status = run(end, sql, NULL, err);
    }
    return status;
}

static enum status sink_prepare(struct pg_end *end, bool *began_anew, struct error *err)
{
    int64_t is_marked = 0;
    bool is;
    enum status status =
        run(end, "SELECT (obj_description('migration'::regclass,'pg_class')<>'Cadran')::int",
            &is_marked, err);
    end->catalogue = PQexec(end->link, catalogue_sql);
    if (!status && PQresultStatus(end->catalogue) != PGRES_TUPLES_OK)
        status = link_failed(end, err);
    if (!status && is_marked)
        status = empty_all(end, err);
    if (!status)
        status = is_empty(end, &is, err);
    if (!status && !is)
        return error_set(err, STATUS_CONFLICT, "--database",
                         "%s is not empty: give it a database of its own",
                         pg_target_name(end->target));
    *began_anew = is_marked;
    return status ? status : run(end, "COMMENT ON TABLE migration IS '" MARK "'", NULL, err);
}

enum status transfer_postgres_sink(const char *url, struct transfer_sink *sink,
                                   struct error *err)
{
    struct pg_end *end = memory_new(1, sizeof(*end));
    *sink = (struct transfer_sink){
        .self = end,
        .table_begin = sink_table,
        .row_put = sink_row,
        .table_end = sink_table_end,
        .read_back = sink_read_back,
        .finish = sink_finish,
        .close = end_close,
    };
    end->url = memory_text(url, strlen(url));
    enum status status = open(end, url, err);
    if (!status)
        snprintf(sink->name, sizeof(sink->name), "%.150s", pg_target_name(end->target));
    if (!status)
        status = pg_schema_apply(&end->connection, true, err);
    if (!status)
        status = settle(end, err);
    if (!status)
        status = sink_prepare(end, &sink->began_anew, err);
    if (status)
        end_close(end);
    return status;
}
