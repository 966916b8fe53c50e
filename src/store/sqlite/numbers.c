/* The index of numbers, zone sets, do-not-contact numbers. */
#include <stdlib.h>

#include "store/dnc.h"
#include "store/sqlite/contact_rows.h"
#include "store/zone_names.h"

#define BULK_CHECK_ROWS 32 /* rows between two looks at the clock */

/* --- The index of a list's numbers
 * ------------------------------------------------------------------ */

struct number_pair {
    int64_t number, contact;
};

static int pair_compare(const void *a, const void *b)
{
    const struct number_pair *left = a, *right = b;
    if (left->number != right->number)
        return left->number < right->number ? -1 : 1;
    return (left->contact > right->contact) - (left->contact < right->contact);
}

/* At most this many pairs are sorted at once: 64 MB. */
#define PAIRS_MAX ((size_t)4 << 20)

/* The pairs of the contacts behind `after`; *upto is the last contact that is whole in them. */
static enum status pairs_read(struct store_sqlite *store, struct list_id list, int64_t after,
                              int64_t last, struct number_pair **pairs, size_t *count,
                              int64_t *upto, struct error *err)
{
    struct connection *reader = read_begin(store, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    size_t capacity = 0;
    int64_t base = list.value << CONTACT_SEQUENCE_BITS;
    *upto = base | last;
    struct rows rows = sql_start(reader, SQL_ADDRESS_NUMBERS,
                                 SQL_VALUES(SQL_INT(base | after), SQL_INT(base | last)));
    while (rows_next(&rows)) {
        int64_t contact = sqlite3_column_int64(rows.statement, 0);
        if (*count >= PAIRS_MAX && contact != (*pairs)[*count - 1].contact) {
            *upto = (*pairs)[*count - 1].contact;
            break;
        }
        *pairs = memory_grow(*pairs, &capacity, *count + 1, sizeof(**pairs));
        (*pairs)[(*count)++] =
            (struct number_pair){sqlite3_column_int64(rows.statement, 1), contact};
    }
    *upto &= INT64_C(0xFFFFFFFF);
    if (*count)
        qsort(*pairs, *count, sizeof(**pairs), pair_compare);
    return read_end(reader, rows_end(&rows, err));
}

/* One budget of pairs. Where a contact of the list was edited or removed since they were read,
 * each is added only while its contact still has the number. */
static enum status pairs_chunk(struct connection *writer, const struct list_row *read,
                               const struct number_pair *pairs, size_t count, size_t *at,
                               struct error *err)
{
    struct mono began = instant_mono_now();
    struct list_row now;
    enum status status = list_row_get(writer, read->id, &now, err);
    enum sql sql = now.edits == read->edits ? SQL_NUMBER_INSERT : SQL_NUMBER_INSERT_CHECKED;
    for (int32_t i = 1; *at < count && !status; i++) {
        status = sql_run(writer, sql,
                         SQL_VALUES(SQL_INT(read->id.value), SQL_INT(pairs[*at].number),
                                    SQL_INT(pairs[*at].contact)),
                         err);
        (*at)++;
        if (i % BULK_CHECK_ROWS == 0 && bulk_is_spent(began))
            break;
    }
    return status;
}

static enum status pairs_write(struct store_sqlite *store, const struct list_row *read,
                               const struct number_pair *pairs, size_t count, struct error *err)
{
    size_t at = 0;
    while (at < count) {
        enum status status = write_begin(store, STORE_BULK, err);
        if (status)
            return status;
        status = pairs_chunk(&store->writer, read, pairs, count, &at, err);
        status = write_end(store, status, err);
        if (status)
            return status;
    }
    return STATUS_OK;
}

static enum status mark_upto(struct store_sqlite *store, struct list_id id, int64_t upto,
                             struct error *err)
{
    struct list_row list;
    enum status status = write_begin(store, STORE_API, err);
    if (status)
        return status;
    status = list_row_get(&store->writer, id, &list, err);
    if (list.number_upto < upto)
        list.number_upto = upto;
    if (!status)
        status = list_row_put(&store->writer, &list, err);
    return write_end(store, status, err);
}

enum status sqlite_numbers_index(void *self, struct list_id id, struct error *err)
{
    struct store_sqlite *store = self;
    for (;;) {
        struct list_row list;
        struct connection *reader = read_begin(store, err);
        if (!reader)
            return STATUS_UNAVAILABLE;
        enum status status = read_end(reader, list_row_get(reader, id, &list, err));
        if (status || list.number_upto >= list.last)
            return status;
        struct number_pair *pairs = NULL;
        size_t count = 0;
        int64_t upto = 0;
        status = pairs_read(store, id, list.number_upto, list.last, &pairs, &count, &upto, err);
        if (!status)
            status = pairs_write(store, &list, pairs, count, err);
        free(pairs);
        if (!status)
            status = mark_upto(store, id, upto, err);
        if (status)
            return status;
    }
}

enum status sqlite_numbers_list(void *self, struct list_id list, int64_t after_number,
                                int64_t *numbers, size_t *count, struct error *err)
{
    size_t room = *count;
    *count = 0;
    enum status status = sqlite_numbers_index(self, list, err);
    if (status)
        return status;
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    struct rows rows = sql_start(
        reader, SQL_NUMBER_LIST,
        SQL_VALUES(SQL_INT(list.value), SQL_INT(after_number), SQL_INT((int64_t)room)));
    while (*count < room && rows_next(&rows))
        numbers[(*count)++] = sqlite3_column_int64(rows.statement, 0);
    return read_end(reader, rows_end(&rows, err));
}

/* --- Zone sets
 * ----------------------------------------------------------------------------------- */

static enum status zone_set_find(struct connection *connection, const char *names,
                                 struct zone_set *set, struct error *err)
{
    int64_t id = 0;
    enum status status =
        sql_get(connection, SQL_ZONE_SET_FIND, SQL_VALUES(SQL_TEXT(names)), &id, err);
    set->id.value = (int32_t)id;
    return status;
}

enum status sqlite_zone_set_intern(void *self, const struct zone_table *table,
                                   struct zone_set *set, struct error *err)
{
    struct store_sqlite *store = self;
    char names[ZONE_NAMES_SIZE];
    set->id.value = 0;
    if (set->count == 0)
        return STATUS_OK;
    zone_names_join(table, set, names);
    struct connection *reader = read_begin(store, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    enum status status = read_end(reader, zone_set_find(reader, names, set, err));
    if (status != STATUS_NOT_FOUND)
        return status;
    status = write_begin(store, STORE_API, err);
    if (status)
        return status;
    status = zone_set_find(&store->writer, names, set, err);
    if (status == STATUS_NOT_FOUND) {
        status = sql_run(&store->writer, SQL_ZONE_SET_INSERT, SQL_VALUES(SQL_TEXT(names)), err);
        set->id.value = (int32_t)sqlite3_last_insert_rowid(store->writer.db);
    }
    return write_end(store, status, err);
}

enum status sqlite_zone_sets_list(void *self, const struct zone_table *table,
                                  struct arena *arena, struct zone_set **sets, size_t *count,
                                  struct error *err)
{
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    struct zone_set *found = NULL;
    size_t capacity = 0;
    *count = 0;
    struct rows rows = sql_start(reader, SQL_ZONE_SET_LIST, NULL, 0);
    while (rows_next(&rows)) {
        found = memory_grow(found, &capacity, *count + 1, sizeof(*found));
        struct zone_set *set = &found[(*count)++];
        memset(set, 0, sizeof(*set));
        set->id.value = sqlite3_column_int(rows.statement, 0);
        zone_names_split(table, (const char *)sqlite3_column_text(rows.statement, 1), set);
    }
    *sets = arena_new(arena, *count, sizeof(**sets));
    if (*count)
        memcpy(*sets, found, *count * sizeof(*found));
    free(found);
    return read_end(reader, rows_end(&rows, err));
}

/* --- Do-not-contact
 * ------------------------------------------------------------------------------- */

static enum status dnc_chunk(struct connection *connection, struct dnc_list_id list,
                             const int64_t *numbers, size_t count, size_t *at, bool is_bulk,
                             enum sql sql, struct wall expires_at, struct error *err)
{
    struct mono began = instant_mono_now();
    enum status status = STATUS_OK;
    for (int32_t i = 1; *at < count && !status; i++) {
        status = sql_run(
            connection, sql,
            SQL_VALUES(SQL_INT(list.value), SQL_INT(numbers[*at]), SQL_INT(expires_at.us)),
            err);
        (*at)++;
        if (is_bulk && i % BULK_CHECK_ROWS == 0 && bulk_is_spent(began))
            break;
    }
    return status;
}

enum status sqlite_dnc_add(void *self, enum store_priority priority, struct dnc_list_id list,
                           const int64_t *numbers, size_t count, struct wall expires_at,
                           struct error *err)
{
    struct store_sqlite *store = self;
    for (size_t i = 0; i < count; i++)
        if (numbers[i] <= 0)
            return error_set(err, STATUS_INVALID, "", "entry %zu is not a number", i);
    size_t at = 0;
    while (at < count) {
        enum status status = write_begin(store, priority, err);
        if (status)
            return status;
        status = dnc_chunk(&store->writer, list, numbers, count, &at, priority == STORE_BULK,
                           SQL_DNC_PUT, expires_at, err);
        status = write_end(store, status, err);
        if (status)
            return status;
    }
    return STATUS_OK;
}

enum status sqlite_dnc_remove(void *self, struct dnc_list_id list, const int64_t *numbers,
                              size_t count, struct error *err)
{
    struct store_sqlite *store = self;
    enum status status = write_begin(store, STORE_API, err);
    if (status)
        return status;
    for (size_t i = 0; i < count && !status; i++)
        status = sql_run(&store->writer, SQL_DNC_DELETE,
                         SQL_VALUES(SQL_INT(list.value), SQL_INT(numbers[i])), err);
    return write_end(store, status, err);
}

/* --- Values of a column
 * ---------------------------------------------------------------------------- */

enum status sqlite_dnc_values_add(void *self, enum store_priority priority,
                                  struct dnc_list_id list, const char *const *values,
                                  size_t count, struct wall expires_at, struct error *err)
{
    struct store_sqlite *store = self;
    enum status status = dnc_values_check(values, count, err);
    if (!status)
        status = write_begin(store, priority, err);
    if (status)
        return status;
    for (size_t i = 0; i < count && !status; i++)
        status = sql_run(
            &store->writer, SQL_DNC_VALUE_PUT,
            SQL_VALUES(SQL_INT(list.value), SQL_TEXT(values[i]), SQL_INT(expires_at.us)), err);
    return write_end(store, status, err);
}

enum status sqlite_dnc_values_remove(void *self, struct dnc_list_id list,
                                     const char *const *values, size_t count, struct error *err)
{
    struct store_sqlite *store = self;
    enum status status = write_begin(store, STORE_API, err);
    if (status)
        return status;
    for (size_t i = 0; i < count && !status; i++)
        status = sql_run(&store->writer, SQL_DNC_VALUE_DELETE,
                         SQL_VALUES(SQL_INT(list.value), SQL_TEXT(values[i])), err);
    return write_end(store, status, err);
}

/* `expired` 0: all of them. */
static enum status dnc_values_clear(struct store_sqlite *store, struct dnc_list_id list,
                                    int64_t expired, struct error *err)
{
    struct arena arena;
    const char *at = "";
    enum status status = STATUS_OK;
    arena_init(&arena);
    while (at && !status) {
        const char *last = NULL;
        status = write_begin(store, STORE_BULK, err);
        if (status)
            break;
        struct rows rows = sql_start(&store->writer, SQL_DNC_VALUE_CHUNK,
                                     SQL_VALUES(SQL_INT(list.value), SQL_TEXT(at)));
        if (rows_next(&rows))
            last = rows_text(&rows, 0, &arena);
        status = rows_end(&rows, err);
        if (!status && last)
            status = sql_run(
                &store->writer, SQL_DNC_VALUE_CLEAR,
                SQL_VALUES(SQL_INT(list.value), SQL_TEXT(at), SQL_TEXT(last), SQL_INT(expired)),
                err);
        status = write_end(store, status, err);
        at = last;
    }
    arena_fini(&arena);
    return status;
}

/* Reads numbers, or values where there are no more numbers. */
enum status sqlite_dnc_list(void *self, const struct dnc_query *query, struct arena *arena,
                            struct dnc_entry **entries, size_t *count, struct error *err)
{
    size_t limit = query->limit > 0 ? (size_t)query->limit : 0;
    *count = 0;
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    *entries = arena_new(arena, limit, sizeof(**entries));
    enum status status = STATUS_OK;
    if (!query->after_value) {
        struct rows rows =
            sql_start(reader, SQL_DNC_LIST,
                      SQL_VALUES(SQL_INT(query->list.value), SQL_INT(query->after_number),
                                 SQL_INT((int64_t)limit)));
        for (; *count < limit && rows_next(&rows); (*count)++)
            (*entries)[*count] =
                (struct dnc_entry){.number = sqlite3_column_int64(rows.statement, 0),
                                   .expires_at = {sqlite3_column_int64(rows.statement, 1)}};
        status = rows_end(&rows, err);
    }
    if (!status && *count < limit) {
        struct rows rows =
            sql_start(reader, SQL_DNC_VALUE_LIST,
                      SQL_VALUES(SQL_INT(query->list.value),
                                 SQL_TEXT(query->after_value ? query->after_value : ""),
                                 SQL_INT((int64_t)(limit - *count))));
        for (; *count < limit && rows_next(&rows); (*count)++)
            (*entries)[*count] =
                (struct dnc_entry){.value = rows_text(&rows, 0, arena),
                                   .expires_at = {sqlite3_column_int64(rows.statement, 1)}};
        status = rows_end(&rows, err);
    }
    return read_end(reader, status);
}

enum status sqlite_dnc_has_contact(void *connection, struct dnc_list_id list,
                                   struct contact_id contact, int16_t column, struct wall now,
                                   bool *has, struct error *err)
{
    int64_t expires_at = 0;
    enum status status =
        sql_get(connection, SQL_DNC_CONTACT_GET,
                SQL_VALUES(SQL_INT(list.value), SQL_INT(contact.value), SQL_INT(column)),
                &expires_at, err);
    *has = status == STATUS_OK && (expires_at == 0 || expires_at > now.us);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status sqlite_dnc_clear(void *self, struct dnc_list_id list, bool expired_only,
                             struct wall now, struct error *err)
{
    struct store_sqlite *store = self;
    int64_t at = 0;
    for (;;) {
        int64_t last = 0;
        enum status status = write_begin(store, STORE_BULK, err);
        if (status)
            return status;
        status = sql_get(&store->writer, SQL_DNC_CHUNK,
                         SQL_VALUES(SQL_INT(list.value), SQL_INT(at)), &last, err);
        if (!status && last)
            status = sql_run(&store->writer, SQL_DNC_CLEAR,
                             SQL_VALUES(SQL_INT(list.value), SQL_INT(at), SQL_INT(last),
                                        SQL_INT(expired_only ? now.us : 0)),
                             err);
        status = write_end(store, status, err);
        if (status)
            return status;
        if (!last)
            return dnc_values_clear(store, list, expired_only ? now.us : 0, err);
        at = last;
    }
}

enum status sqlite_dnc_has_on(void *connection, struct dnc_list_id list, int64_t number,
                              struct wall now, bool *has, struct error *err)
{
    int64_t expires_at = 0;
    enum status status =
        sql_get(connection, SQL_DNC_GET, SQL_VALUES(SQL_INT(list.value), SQL_INT(number)),
                &expires_at, err);
    *has = status == STATUS_OK && (expires_at == 0 || expires_at > now.us);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status sqlite_dnc_has(void *self, struct dnc_list_id list, int64_t number, struct wall now,
                           bool *has, struct error *err)
{
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    return read_end(reader, sqlite_dnc_has_on(reader, list, number, now, has, err));
}

enum status sqlite_dnc_count(void *self, struct dnc_list_id list, int64_t *count,
                             struct error *err)
{
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    return read_end(
        reader, sql_get(reader, SQL_DNC_COUNT, SQL_VALUES(SQL_INT(list.value)), count, err));
}
