/* Indices of columns, as rows of a table: filled sorted, in short bulk transactions, and kept
 * by writes. Those of STORE_BULK leave it behind: then it is not whole, and not used. */
#include <stdlib.h>
#include <string.h>

#include "filter/value.h"
#include "store/sqlite/contact_rows.h"

#define PIECE_ROWS 500000 /* contacts that are sorted at once: at most 60 MB */
#define BULK_CHECK_ROWS 32

/* --- One contact ----------------------------------------------------------------------------
 */

static enum status each_index(struct connection *connection, struct contact_id id, enum sql sql,
                              struct error *err)
{
    struct sql_value list = SQL_INT(contact_list_of(id).value);
    struct {
        int column, kind;
    } found[COLUMN_INDEX_MAX];
    size_t count = 0;
    struct rows rows = sql_start(connection, SQL_INDEX_LIST, &list, 1);
    while (count < COLUMN_INDEX_MAX && rows_next(&rows)) {
        found[count].column = sqlite3_column_int(rows.statement, 0);
        found[count++].kind = sqlite3_column_int(rows.statement, 1);
    }
    enum status status = rows_end(&rows, err);
    for (size_t i = 0; i < count && !status; i++)
        status = sql_run(connection, sql,
                         SQL_VALUES(list, SQL_INT(found[i].column), SQL_INT(found[i].kind),
                                    SQL_INT(id.value)),
                         err);
    return status;
}

enum status sqlite_columns_unindex(struct connection *connection, struct contact_id id,
                                   struct error *err)
{
    return each_index(connection, id, SQL_VALUE_DELETE, err);
}

enum status sqlite_columns_index(struct connection *connection, struct contact_id id,
                                 struct error *err)
{
    return each_index(connection, id, SQL_VALUE_PUT, err);
}

/* --- Filling --------------------------------------------------------------------------------
 */

struct pair {
    int64_t contact;
    double number; /* NaN never: a value that is no number is a text */
    uint32_t at;   /* of the text among the bytes */
    uint8_t len;
    bool is_number;
};

struct piece {
    struct list_row list; /* as it was read */
    struct sql_value column, kind;
    int64_t upto; /* the last contact that is whole in the pairs */
    struct pair *pairs;
    size_t count, capacity;
    char *bytes;
    size_t len, room;
};

static int pair_compare(const void *left, const void *right, void *bytes)
{
    const struct pair *a = left, *b = right;
    int order;
    if (a->is_number != b->is_number)
        return a->is_number ? -1 : 1;
    if (a->is_number) {
        order = (a->number > b->number) - (a->number < b->number);
    } else {
        uint8_t shorter = a->len < b->len ? a->len : b->len;
        order = memcmp((char *)bytes + a->at, (char *)bytes + b->at, shorter);
        order = order ? order : (a->len > b->len) - (a->len < b->len);
    }
    return order ? order : (a->contact > b->contact) - (a->contact < b->contact);
}

static void pair_add(struct piece *piece, sqlite3_stmt *statement)
{
    piece->pairs =
        memory_grow(piece->pairs, &piece->capacity, piece->count + 1, sizeof(*piece->pairs));
    struct pair *pair = &piece->pairs[piece->count++];
    *pair = (struct pair){.contact = sqlite3_column_int64(statement, 0),
                          .at = (uint32_t)piece->len};
    pair->is_number = sqlite3_column_type(statement, 1) == SQLITE_FLOAT;
    if (pair->is_number) {
        pair->number = sqlite3_column_double(statement, 1);
        return;
    }
    const void *text = sqlite3_column_text(statement, 1);
    pair->len = (uint8_t)sqlite3_column_bytes(statement, 1);
    piece->bytes = memory_grow(piece->bytes, &piece->room, piece->len + pair->len + 1, 1);
    memcpy(piece->bytes + piece->len, text, pair->len);
    piece->len += pair->len;
}

static enum status piece_read(struct connection *reader, struct list_id id, struct piece *piece,
                              int64_t *from, struct error *err)
{
    _Static_assert(FILTER_SORT_BYTES <= UINT8_MAX, "a length fits");
    int64_t base = id.value << CONTACT_SEQUENCE_BITS;
    enum status status = list_row_get(reader, id, &piece->list, err);
    if (!status)
        status = sql_get(reader, SQL_INDEX_GET,
                         SQL_VALUES(SQL_INT(id.value), piece->column, piece->kind), from, err);
    if (status)
        return status;
    struct rows rows =
        sql_start(reader, SQL_VALUE_READ,
                  SQL_VALUES(SQL_INT(base | *from), piece->column, piece->kind,
                             SQL_INT(base | piece->list.last), SQL_INT(PIECE_ROWS)));
    while (rows_next(&rows))
        pair_add(piece, rows.statement);
    status = rows_end(&rows, err);
    bool has_all = piece->count < PIECE_ROWS;
    piece->upto = has_all ? piece->list.last
                          : piece->pairs[piece->count - 1].contact & INT64_C(0xFFFFFFFF);
    if (piece->count)
        qsort_r(piece->pairs, piece->count, sizeof(*piece->pairs), pair_compare, piece->bytes);
    return status;
}

/* One budget of pairs. Where a contact of the list was edited or removed since they were read,
 * each is added only while its contact still has the value. */
static enum status pairs_chunk(struct connection *writer, const struct piece *piece, size_t *at,
                               struct error *err)
{
    struct mono began = instant_mono_now();
    struct list_row now;
    enum status status = list_row_get(writer, piece->list.id, &now, err);
    enum sql sql = now.edits == piece->list.edits ? SQL_VALUE_INSERT : SQL_VALUE_INSERT_CHECKED;
    for (int32_t i = 1; *at < piece->count && !status; i++) {
        const struct pair *pair = &piece->pairs[(*at)++];
        struct sql_value value = {.type = pair->is_number ? 'r' : 't',
                                  .real = pair->number,
                                  .bytes = pair->is_number ? NULL : piece->bytes + pair->at,
                                  .len = pair->len};
        if (!pair->is_number && !pair->len)
            value.bytes = "";
        status = sql_run(writer, sql,
                         SQL_VALUES(SQL_INT(piece->list.id.value), piece->column, piece->kind,
                                    value, SQL_INT(pair->contact)),
                         err);
        if (i % BULK_CHECK_ROWS == 0 && bulk_is_spent(began))
            break;
    }
    return status;
}

static enum status piece_write(struct store_sqlite *store, const struct piece *piece,
                               struct error *err)
{
    size_t at = 0;
    bool is_last = false;
    while (!is_last) {
        enum status status = write_begin(store, STORE_BULK, err);
        if (status)
            return status;
        status = pairs_chunk(&store->writer, piece, &at, err);
        is_last = at == piece->count;
        if (!status && is_last)
            status = sql_run(&store->writer, SQL_INDEX_PUT,
                             SQL_VALUES(SQL_INT(piece->list.id.value), piece->column,
                                        piece->kind, SQL_INT(piece->upto)),
                             err);
        status = write_end(store, status, err);
        if (status)
            return status;
    }
    return STATUS_OK;
}

/* Makes the index known, so that writes keep it. */
static enum status index_begin(struct store_sqlite *store, struct list_id list,
                               struct sql_value column, struct sql_value kind,
                               struct error *err)
{
    struct connection *writer = &store->writer;
    int64_t upto, count = 0;
    enum status status = write_begin(store, STORE_API, err);
    if (status)
        return status;
    status = sql_get(writer, SQL_INDEX_GET, SQL_VALUES(SQL_INT(list.value), column, kind),
                     &upto, err);
    if (status == STATUS_NOT_FOUND) {
        status = sql_get(writer, SQL_INDEX_COUNT, SQL_VALUES(SQL_INT(list.value)), &count, err);
        if (!status && count >= COLUMN_INDEX_MAX)
            status = error_set(err, STATUS_FULL, "",
                               "the list is sorted by %d columns already, which is the most",
                               COLUMN_INDEX_MAX);
        if (!status)
            status = sql_run(writer, SQL_INDEX_PUT,
                             SQL_VALUES(SQL_INT(list.value), column, kind, SQL_INT(0)), err);
    }
    return write_end(store, status, err);
}

enum status sqlite_column_index(void *self, struct list_id list, int16_t column,
                                bool is_numeric, struct column_index *progress,
                                struct error *err)
{
    struct store_sqlite *store = self;
    struct piece piece = {.column = SQL_INT(column), .kind = SQL_INT(is_numeric)};
    int64_t from = 0;
    memset(progress, 0, sizeof(*progress));
    struct connection *reader = read_begin(store, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    enum status status = read_end(reader, piece_read(reader, list, &piece, &from, err));
    if (status == STATUS_NOT_FOUND)
        status = index_begin(store, list, piece.column, piece.kind, err);
    else if (!status && piece.upto > from)
        status = piece_write(store, &piece, err);
    progress->done = piece.upto;
    progress->total = piece.list.last;
    progress->is_whole =
        !status && piece.upto == piece.list.last && (from || piece.count || !piece.list.last);
    free(piece.pairs);
    free(piece.bytes);
    return status;
}

enum status sqlite_column_index_get(void *self, struct list_id list, int16_t column,
                                    bool is_numeric, struct column_index *progress,
                                    struct error *err)
{
    struct list_row row;
    int64_t upto = 0;
    memset(progress, 0, sizeof(*progress));
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    enum status status = list_row_get(reader, list, &row, err);
    if (!status)
        status = sql_get(reader, SQL_INDEX_GET,
                         SQL_VALUES(SQL_INT(list.value), SQL_INT(column), SQL_INT(is_numeric)),
                         &upto, err);
    if (!status)
        *progress = (struct column_index){upto, row.last, upto == row.last};
    return read_end(reader, status);
}
