/* The numbers of a list, zone sets, do-not-contact numbers. */
#include <stdlib.h>

#include "store/postgres/session.h"
#include "store/zone_names.h"

#define DNC_CHUNK 2000 /* numbers that a bulk transaction adds */

/* The index of addresses by number is kept live: with rows in the order of COPY it makes an
 * import a fifth slower here, not six times (docs/decisions/postgres.md). What is left to do is
 * to make the bulk writes before this call durable: a synced commit that changes something. */
enum status postgres_numbers_index(void *self, struct list_id list, struct error *err)
{
    struct store_postgres *store = self;
    struct pg_connection *writer = pg_write_begin(store, STORE_API, err);
    if (!writer)
        return pg_unavailable(err);
    enum status status = pg_run(writer, PG_LIST_TOUCH, PG_VALUES(PG_INT(list.value)), err);
    return pg_write_end(store, STORE_API, status, err);
}

enum status postgres_numbers_list(void *self, struct list_id list, int64_t after_number,
                                  int64_t *numbers, size_t *count, struct error *err)
{
    size_t room = *count;
    *count = 0;
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    struct pg_rows rows =
        pg_start(reader, PG_NUMBER_LIST,
                 PG_VALUES(PG_INT(list.value), PG_INT(after_number), PG_INT((int64_t)room)));
    while (*count < room && pg_next(&rows))
        numbers[(*count)++] = pg_int(&rows, 0);
    return pg_read_end(reader, pg_end(&rows, err));
}

/* --- Zone sets
 * ------------------------------------------------------------------------------------- */

static enum status zone_set_find(struct pg_connection *connection, enum pg sql,
                                 const char *names, struct zone_set *set, struct error *err)
{
    int64_t id = 0;
    enum status status = pg_get(connection, sql, PG_VALUES(PG_TEXT(names)), &id, err);
    set->id.value = (int32_t)id;
    return status;
}

enum status postgres_zone_set_intern(void *self, const struct zone_table *table,
                                     struct zone_set *set, struct error *err)
{
    struct store_postgres *store = self;
    char names[ZONE_NAMES_SIZE];
    set->id.value = 0;
    if (set->count == 0)
        return STATUS_OK;
    zone_names_join(table, set, names);
    struct pg_connection *reader = pg_read_begin(store, err);
    if (!reader)
        return pg_unavailable(err);
    enum status status =
        pg_read_end(reader, zone_set_find(reader, PG_ZONE_SET_FIND, names, set, err));
    if (status != STATUS_NOT_FOUND)
        return status;
    struct pg_connection *writer = pg_write_begin(store, STORE_API, err);
    if (!writer)
        return pg_unavailable(err);
    status = zone_set_find(writer, PG_ZONE_SET_FIND, names, set, err);
    if (status == STATUS_NOT_FOUND)
        status = zone_set_find(writer, PG_ZONE_SET_INSERT, names, set, err);
    return pg_write_end(store, STORE_API, status, err);
}

enum status postgres_zone_sets_list(void *self, const struct zone_table *table,
                                    struct arena *arena, struct zone_set **sets, size_t *count,
                                    struct error *err)
{
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    *count = 0;
    struct pg_rows rows = pg_start(reader, PG_ZONE_SET_LIST, NULL, 0);
    *sets = arena_new(arena, (size_t)rows.count, sizeof(**sets));
    while (pg_next(&rows)) {
        struct zone_set *set = &(*sets)[(*count)++];
        set->id.value = (int32_t)pg_int(&rows, 0);
        zone_names_split(table, pg_text(&rows, 1), set);
    }
    return pg_read_end(reader, pg_end(&rows, err));
}

/* --- Do-not-contact
 * -------------------------------------------------------------------------------- */

enum status postgres_dnc_add(void *self, enum store_priority priority, struct dnc_list_id list,
                             const int64_t *numbers, size_t count, struct wall expires_at,
                             struct error *err)
{
    struct store_postgres *store = self;
    for (size_t i = 0; i < count; i++)
        if (numbers[i] <= 0)
            return error_set(err, STATUS_INVALID, "", "entry %zu is not a number", i);
    size_t chunk = priority == STORE_BULK ? DNC_CHUNK : count;
    for (size_t at = 0; at < count; at += chunk) {
        struct pg_array some = {0};
        struct pg_connection *writer = pg_write_begin(store, priority, err);
        if (!writer)
            return pg_unavailable(err);
        for (size_t i = at; i < count && i < at + chunk; i++)
            pg_array_int(&some, numbers[i]);
        pg_send(writer, PG_DNC_PUT,
                PG_VALUES(PG_INT(list.value), PG_ARRAY(&some), PG_INT(expires_at.us)));
        pg_array_fini(&some);
        enum status status = pg_write_end(store, priority, STATUS_OK, err);
        if (status)
            return status;
    }
    return STATUS_OK;
}

enum status postgres_dnc_remove(void *self, struct dnc_list_id list, const int64_t *numbers,
                                size_t count, struct error *err)
{
    struct store_postgres *store = self;
    struct pg_array all = {0};
    struct pg_connection *writer = pg_write_begin(store, STORE_API, err);
    if (!writer)
        return pg_unavailable(err);
    for (size_t i = 0; i < count; i++)
        pg_array_int(&all, numbers[i]);
    pg_send(writer, PG_DNC_DELETE, PG_VALUES(PG_INT(list.value), PG_ARRAY(&all)));
    pg_array_fini(&all);
    return pg_write_end(store, STORE_API, STATUS_OK, err);
}

enum status postgres_dnc_clear(void *self, struct dnc_list_id list, bool expired_only,
                               struct wall now, struct error *err)
{
    struct store_postgres *store = self;
    int64_t at = 0;
    for (;;) {
        int64_t last = 0;
        struct pg_connection *writer = pg_write_begin(store, STORE_BULK, err);
        if (!writer)
            return pg_unavailable(err);
        enum status status =
            pg_get(writer, PG_DNC_CHUNK, PG_VALUES(PG_INT(list.value), PG_INT(at)), &last, err);
        if (!status && last)
            pg_send(writer, PG_DNC_CLEAR,
                    PG_VALUES(PG_INT(list.value), PG_INT(at), PG_INT(last),
                              PG_INT(expired_only ? now.us : 0)));
        if (!status && !last)
            pg_send(writer, PG_DNC_VALUE_CLEAR,
                    PG_VALUES(PG_INT(list.value), PG_INT(expired_only ? now.us : 0)));
        status = pg_write_end(store, STORE_BULK, status, err);
        if (status || !last)
            return status;
        at = last;
    }
}

enum status postgres_dnc_has(void *self, struct dnc_list_id list, int64_t number,
                             struct wall now, bool *has, struct error *err)
{
    int64_t expires_at = 0;
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    enum status status = pg_get(
        reader, PG_DNC_GET, PG_VALUES(PG_INT(list.value), PG_INT(number)), &expires_at, err);
    *has = status == STATUS_OK && (expires_at == 0 || expires_at > now.us);
    return pg_read_end(reader, status == STATUS_NOT_FOUND ? STATUS_OK : status);
}

enum status postgres_dnc_count(void *self, struct dnc_list_id list, int64_t *count,
                               struct error *err)
{
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    return pg_read_end(reader,
                       pg_get(reader, PG_DNC_COUNT, PG_VALUES(PG_INT(list.value)), count, err));
}
