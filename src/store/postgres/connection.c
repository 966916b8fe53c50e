#include "store/postgres/connection.h"

#include <arpa/inet.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/log.h"
#include "store/postgres/postgres.h"
#include "store/postgres/target.h"

static const struct {
    const char *name, *text;
} statements[PG_COUNT] = {
#define PG(name, text) [PG_##name] = {#name, text},
#include "store/postgres/statements.h"
#undef PG
};

/* --- What a failure means
 * ------------------------------------------------------------------------- */

static const struct {
    const char *state; /* SQLSTATE, or its class: two letters */
    enum status status;
    const char *sentence; /* the server's own text follows */
} meanings[] = {
    {"23", STATUS_CONFLICT, "the database refuses it"},
    {"22", STATUS_INVALID, "the database cannot keep it"},
    {"25006", STATUS_UNAVAILABLE, "the server takes no writes: give the URL of the primary"},
    {"28", STATUS_DENIED, "the server refuses the user or password of the URL"},
    {"3D000", STATUS_INVALID, "there is no such database: create it (createdb), in UTF-8"},
    {"42501", STATUS_DENIED,
     "the user of the URL lacks rights: make it the owner of the database"},
    {"53100", STATUS_UNAVAILABLE,
     "the server's disk is full: make room; nothing stored is lost"},
    {"53300", STATUS_UNAVAILABLE,
     "the server has no connection left: raise max_connections there"},
    {"55P03", STATUS_UNAVAILABLE, "another session holds a row for too long: end it"},
    {"40", STATUS_UNAVAILABLE, "two writes met: try again"},
};

/* The server's text on one line. */
static void one_line(const char *text, char out[200])
{
    size_t len = strcspn(text ? text : "", "\n");
    snprintf(out, 200, "%.*s", (int)(len > 190 ? 190 : len), text ? text : "");
}

static enum status failure(const char *state, const char *text, struct error *err)
{
    char line[200];
    one_line(text, line);
    for (size_t i = 0; state && i < ARRAY_LEN(meanings); i++)
        if (strncmp(state, meanings[i].state, strlen(meanings[i].state)) == 0)
            return error_set(err, meanings[i].status, "", "%s (%s)", meanings[i].sentence,
                             line);
    return error_set(err, STATUS_UNAVAILABLE, "", "the database does not answer: %s", line);
}

static void fail(struct pg_connection *connection, const PGresult *result)
{
    if (PQstatus(connection->link) == CONNECTION_BAD)
        connection->is_broken = true;
    if (connection->failure.status)
        return;
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    const char *text = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    connection->is_retryable = state && strncmp(state, "40", 2) == 0;
    (void)failure(state, text ? text : PQerrorMessage(connection->link), &connection->failure);
}

/* --- Connecting
 * ----------------------------------------------------------------------------------- */

void pg_close(struct pg_connection *connection)
{
    PQfinish(connection->link);
    connection->link = NULL;
    connection->is_broken = false;
    connection->sent_count = 0;
    connection->failure = (struct error){0};
    memset(connection->is_prepared, 0, sizeof(connection->is_prepared));
}

/* A server that was stopped has closed its end meanwhile: better found out before a write. */
static bool is_alive(struct pg_connection *connection)
{
    return connection->link && !connection->is_broken &&
           PQstatus(connection->link) == CONNECTION_OK && PQconsumeInput(connection->link) &&
           PQstatus(connection->link) == CONNECTION_OK;
}

/* A connection that could not be made has no SQLSTATE; its text is all there is. */
static enum status connect_failure(const struct pg_connection *connection, struct error *err)
{
    static const struct {
        const char *words, *state;
    } known[] = {
        {"does not exist", "3D000"},
        {"authentication failed", "28P01"},
        {"no pg_hba.conf entry", "28000"},
        {"no password supplied", "28P01"},
        {"permission denied for database", "42501"},
        {"too many clients", "53300"},
        {"remaining connection slots", "53300"},
    };
    const char *text = PQerrorMessage(connection->link);
    const char *fatal = strstr(text, "FATAL:");
    for (size_t i = 0; fatal && i < ARRAY_LEN(known); i++)
        if (strstr(fatal, known[i].words) &&
            (i > 0 || strstr(fatal, "database ") || strstr(fatal, "role ")))
            return failure(i == 0 && strstr(fatal, "role ") ? "28000" : known[i].state,
                           fatal + strlen("FATAL:  "), err);
    char line[200];
    one_line(fatal ? fatal : text, line);
    return error_set(err, STATUS_UNAVAILABLE, "", "%s cannot be reached: %s",
                     connection->target->name, line);
}

static enum status check_server(struct pg_connection *connection, struct error *err)
{
    int version = PQserverVersion(connection->link);
    const char *encoding = PQparameterStatus(connection->link, "server_encoding");
    if (version < POSTGRES_VERSION_MIN)
        return error_set(err, STATUS_INVALID, "--database",
                         "the server is PostgreSQL %d.%d; Cadran needs %d or newer",
                         version / 10000, version / 100 % 100, POSTGRES_VERSION_MIN / 10000);
    if (!encoding || strcmp(encoding, "UTF8") != 0)
        return error_set(err, STATUS_INVALID, "--database",
                         "%s is in %s: create one in UTF-8 (createdb -E UTF8 -T template0)",
                         connection->target->name, encoding ? encoding : "no encoding");
    return STATUS_OK;
}

enum status pg_ready(struct pg_connection *connection, struct error *err)
{
    if (is_alive(connection))
        return STATUS_OK;
    bool was_there = connection->link != NULL;
    pg_close(connection);
    connection->link = pg_target_connect(connection->target, connection->is_bulk);
    enum status status = STATUS_OK;
    if (PQstatus(connection->link) != CONNECTION_OK)
        status = connect_failure(connection, err);
    if (!status)
        status = check_server(connection, err);
    if (!status && !PQenterPipelineMode(connection->link))
        status = error_set(err, STATUS_UNAVAILABLE, "", "no pipeline can be opened");
    if (status)
        pg_close(connection);
    else if (was_there)
        log_info("store.reconnected", "pid=%d", PQbackendPID(connection->link));
    return status;
}

/* --- Sending
 * --------------------------------------------------------------------------------------- */

static void expect(struct pg_connection *connection, char kind, bool is_quiet, enum pg sql)
{
    ensure(connection->sent_count < PG_PIPELINE_MAX);
    int at = (connection->sent_first + connection->sent_count++) % PG_PIPELINE_MAX;
    connection->sent[at].kind = kind;
    connection->sent[at].is_quiet = is_quiet;
    connection->sent[at].sql = sql;
}

#define PARAMETER_MAX 20

static bool prepare(struct pg_connection *connection, enum pg sql,
                    const struct pg_value *values, int count)
{
    Oid types[PARAMETER_MAX] = {0};
    for (int i = 0; i < count; i++)
        types[i] = pg_value_type(&values[i]);
    if (!PQsendPrepare(connection->link, statements[sql].name, statements[sql].text, count,
                       types))
        return false;
    connection->is_prepared[sql] = true;
    expect(connection, 'p', true, sql);
    return true;
}

static void send_one(struct pg_connection *connection, enum pg sql,
                     const struct pg_value *values, int count, bool is_quiet)
{
    const char *bytes[PARAMETER_MAX] = {NULL};
    char scratch[PARAMETER_MAX][8];
    int lens[PARAMETER_MAX] = {0}, formats[PARAMETER_MAX] = {0};
    ensure(count <= PARAMETER_MAX);
    for (int i = 0; i < count; i++) {
        bytes[i] = pg_value_bytes(&values[i], scratch[i], &lens[i]);
        formats[i] = 1;
    }
    bool is_sent = !connection->is_broken &&
                   (connection->is_prepared[sql] || prepare(connection, sql, values, count)) &&
                   PQsendQueryPrepared(connection->link, statements[sql].name, count, bytes,
                                       lens, formats, 1);
    if (!is_sent) {
        fail(connection, NULL);
        connection->is_broken = true;
    }
    expect(connection, 'q', is_quiet, sql);
}

void pg_send(struct pg_connection *connection, enum pg sql, const struct pg_value *values,
             int count)
{
    send_one(connection, sql, values, count, false);
}

void pg_send_quiet(struct pg_connection *connection, enum pg sql)
{
    send_one(connection, sql, NULL, 0, true);
}

void pg_send_batch(struct pg_connection *connection, enum pg sql, struct pg_batch *batch)
{
    struct pg_value values[PG_COLUMN_MAX];
    send_one(connection, sql, values, pg_batch_values(batch, values), false);
}

void pg_sync(struct pg_connection *connection)
{
    if (!connection->is_broken && !PQpipelineSync(connection->link)) {
        fail(connection, NULL);
        connection->is_broken = true;
    }
    expect(connection, 's', true, PG_COUNT);
}

void pg_flush(struct pg_connection *connection)
{
    if (!connection->is_broken && PQflush(connection->link) < 0)
        connection->is_broken = true;
}

/* --- Receiving
 * ------------------------------------------------------------------------------------- */

static bool is_success(const PGresult *result)
{
    ExecStatusType kind = PQresultStatus(result);
    return kind == PGRES_COMMAND_OK || kind == PGRES_TUPLES_OK;
}

/* Takes the answer to the first thing that was sent; NULL where it failed. */
static PGresult *take_first(struct pg_connection *connection)
{
    char kind = connection->sent[connection->sent_first].kind;
    enum pg sql = connection->sent[connection->sent_first].sql;
    connection->sent_first = (connection->sent_first + 1) % PG_PIPELINE_MAX;
    connection->sent_count--;
    if (connection->is_broken)
        return NULL;
    PGresult *result = PQgetResult(connection->link);
    if (kind == 's') {
        if (PQresultStatus(result) != PGRES_PIPELINE_SYNC)
            fail(connection, result), connection->is_broken = true;
        PQclear(result);
        return NULL;
    }
    if (result)
        for (PGresult *more; (more = PQgetResult(connection->link)); PQclear(more))
            ;
    if (result && is_success(result))
        return result;
    if (PQresultStatus(result) != PGRES_PIPELINE_ABORTED)
        fail(connection, result);
    if (!result)
        connection->is_broken = true;
    if (kind == 'p')
        connection->is_prepared[sql] = false;
    PQclear(result);
    return NULL;
}

static void take_quiet(struct pg_connection *connection)
{
    while (connection->sent_count && connection->sent[connection->sent_first].is_quiet)
        PQclear(take_first(connection));
}

struct pg_rows pg_receive(struct pg_connection *connection)
{
    struct pg_rows rows = {.connection = connection, .at = -1};
    take_quiet(connection);
    ensure(connection->sent_count > 0);
    rows.result = take_first(connection);
    rows.count = rows.result ? PQntuples(rows.result) : 0;
    return rows;
}

struct pg_rows pg_receive_of(struct pg_connection *connection, enum pg sql)
{
    int first = connection->sent_first;
    while (connection->sent[first].kind != 'q' || connection->sent[first].sql != sql) {
        PQclear(take_first(connection));
        ensure(connection->sent_count > 0);
        first = connection->sent_first;
    }
    return pg_receive(connection);
}

enum status pg_drain(struct pg_connection *connection, struct error *err)
{
    int last = (connection->sent_first + connection->sent_count - 1) % PG_PIPELINE_MAX;
    if (connection->sent_count && connection->sent[last].kind != 's')
        pg_sync(connection); /* the server answers at a sync */
    while (connection->sent_count)
        PQclear(take_first(connection));
    enum status status = connection->failure.status;
    if (status && err)
        *err = connection->failure;
    connection->failure = (struct error){0};
    return status;
}

enum status pg_settle(struct pg_connection *connection, struct error *err)
{
    pg_sync(connection);
    while (connection->sent_count)
        PQclear(take_first(connection));
    if (connection->failure.status && err)
        *err = connection->failure;
    return connection->failure.status;
}

bool pg_next(struct pg_rows *rows)
{
    return ++rows->at < rows->count;
}

/* Of a statement whose sync is the next to come, the sync is taken too. */
enum status pg_end(struct pg_rows *rows, struct error *err)
{
    struct pg_connection *connection = rows->connection;
    bool is_ok = rows->result != NULL;
    PQclear(rows->result);
    rows->result = NULL;
    if (is_ok) {
        if (connection->sent_count && connection->sent[connection->sent_first].kind == 's')
            (void)take_first(connection);
        return STATUS_OK;
    }
    if (err)
        *err = connection->failure;
    enum status status = connection->failure.status;
    return status ? status : STATUS_UNAVAILABLE;
}

struct pg_rows pg_start(struct pg_connection *connection, enum pg sql,
                        const struct pg_value *values, int count)
{
    pg_send(connection, sql, values, count);
    pg_sync(connection);
    return pg_receive(connection);
}

struct pg_rows pg_start_made(struct pg_connection *connection, const char *sql,
                             const struct pg_value *values, int count)
{
    size_t room = (size_t)count + 1;
    const char **bytes = memory_new(room, sizeof(*bytes));
    char(*scratch)[8] = memory_new(room, sizeof(*scratch));
    int *lens = memory_new(room, sizeof(*lens)), *formats = memory_new(room, sizeof(*formats));
    Oid *types = memory_new(room, sizeof(*types));
    for (int i = 0; i < count; i++) {
        bytes[i] = pg_value_bytes(&values[i], scratch[i], &lens[i]);
        types[i] = pg_value_type(&values[i]);
        formats[i] = 1;
    }
    if (connection->is_broken ||
        !PQsendQueryParams(connection->link, sql, count, types, bytes, lens, formats, 1)) {
        fail(connection, NULL);
        connection->is_broken = true;
    }
    expect(connection, 'q', false, PG_COUNT);
    free(bytes);
    free(scratch);
    free(lens);
    free(formats);
    free(types);
    pg_sync(connection);
    return pg_receive(connection);
}

enum status pg_run(struct pg_connection *connection, enum pg sql, const struct pg_value *values,
                   int count, struct error *err)
{
    struct pg_rows rows = pg_start(connection, sql, values, count);
    return pg_end(&rows, err);
}

enum status pg_get(struct pg_connection *connection, enum pg sql, const struct pg_value *values,
                   int count, int64_t *value, struct error *err)
{
    struct pg_rows rows = pg_start(connection, sql, values, count);
    bool has_row = pg_next(&rows);
    if (has_row)
        *value = pg_int(&rows, 0);
    enum status status = pg_end(&rows, err);
    return status || has_row ? status : STATUS_NOT_FOUND;
}

int64_t pg_changed(const struct pg_rows *rows)
{
    const char *count = rows->result ? PQcmdTuples(rows->result) : "";
    return *count ? strtoll(count, NULL, 10) : 0;
}

/* --- Columns
 * --------------------------------------------------------------------------------------- */

int64_t pg_int(const struct pg_rows *rows, int column)
{
    const char *bytes = PQgetvalue(rows->result, rows->at, column);
    uint64_t wide;
    uint32_t word;
    uint16_t half;
    switch (PQgetlength(rows->result, rows->at, column)) {
    case 8: memcpy(&wide, bytes, sizeof(wide)); return (int64_t)be64toh(wide);
    case 4: memcpy(&word, bytes, sizeof(word)); return (int32_t)be32toh(word);
    case 2: memcpy(&half, bytes, sizeof(half)); return (int16_t)be16toh(half);
    case 1: return *bytes;
    default: return 0;
    }
}

bool pg_bool(const struct pg_rows *rows, int column)
{
    return pg_int(rows, column) != 0;
}

const char *pg_text(const struct pg_rows *rows, int column)
{
    if (PQgetisnull(rows->result, rows->at, column))
        return NULL;
    return PQgetvalue(rows->result, rows->at, column);
}

const void *pg_bytes(const struct pg_rows *rows, int column, size_t *len)
{
    *len = (size_t)PQgetlength(rows->result, rows->at, column);
    return PQgetvalue(rows->result, rows->at, column);
}

const char *pg_text_in(const struct pg_rows *rows, int column, struct arena *arena)
{
    const char *text = pg_text(rows, column);
    if (!text)
        return NULL;
    return arena_text(arena, text, (size_t)PQgetlength(rows->result, rows->at, column));
}

/* --- Outside of the pipeline
 * ----------------------------------------------------------------------- */

static enum status leave_pipeline(struct pg_connection *connection, struct error *err)
{
    enum status status = pg_drain(connection, err);
    if (!status && !PQexitPipelineMode(connection->link)) {
        connection->is_broken = true;
        status = failure(NULL, PQerrorMessage(connection->link), err);
    }
    return status;
}

/* Takes every result to come; the first that failed counts. */
static enum status take_all(struct pg_connection *connection, PGresult *result,
                            struct error *err)
{
    for (; result; result = PQgetResult(connection->link)) {
        ExecStatusType kind = PQresultStatus(result);
        if (!is_success(result))
            fail(connection, result);
        PQclear(result);
        if (kind == PGRES_COPY_IN || kind == PGRES_COPY_OUT)
            connection->is_broken = true;
        if (connection->is_broken)
            break;
    }
    return pg_drain(connection, err);
}

static enum status enter_pipeline(struct pg_connection *connection, enum status status,
                                  struct error *err)
{
    if (connection->is_broken || PQenterPipelineMode(connection->link))
        return status;
    connection->is_broken = true;
    return status ? status : failure(NULL, PQerrorMessage(connection->link), err);
}

enum status pg_copy_in(struct pg_connection *connection, enum pg sql, struct pg_copy *copy,
                       struct error *err)
{
    if (!copy->len)
        return STATUS_OK;
    enum status status = leave_pipeline(connection, err);
    if (status)
        return status;
    PGresult *result = PQexec(connection->link, statements[sql].text);
    if (PQresultStatus(result) != PGRES_COPY_IN) {
        status = take_all(connection, result, err);
    } else {
        PQclear(result);
        pg_copy_tail(copy);
        ensure(copy->len <= INT32_MAX);
        if (PQputCopyData(connection->link, copy->bytes, (int)copy->len) != 1 ||
            PQputCopyEnd(connection->link, NULL) != 1)
            fail(connection, NULL);
        status = take_all(connection, PQgetResult(connection->link), err);
    }
    copy->len = 0;
    copy->is_begun = false;
    return enter_pipeline(connection, status, err);
}

enum status pg_script(struct pg_connection *connection, const char *sql, struct error *err)
{
    enum status status = leave_pipeline(connection, err);
    if (!status)
        status = take_all(connection, PQexec(connection->link, sql), err);
    return enter_pipeline(connection, status, err);
}
