/* Do-not-contact values of a column, and entries page by page. */
#include "store/dnc.h"
#include "store/postgres/session.h"

enum status postgres_dnc_values_add(void *self, enum store_priority priority,
                                    struct dnc_list_id list, const char *const *values,
                                    size_t count, struct wall expires_at, struct error *err)
{
    struct store_postgres *store = self;
    struct pg_array all = {.kind = PG_TEXTS};
    enum status status = dnc_values_check(values, count, err);
    if (status)
        return status;
    struct pg_connection *writer = pg_write_begin(store, priority, err);
    if (!writer)
        return pg_unavailable(err);
    for (size_t i = 0; i < count; i++)
        pg_array_text(&all, values[i]);
    pg_send(writer, PG_DNC_VALUE_PUT,
            PG_VALUES(PG_INT(list.value), PG_ARRAY(&all), PG_INT(expires_at.us)));
    pg_array_fini(&all);
    return pg_write_end(store, priority, STATUS_OK, err);
}

enum status postgres_dnc_values_remove(void *self, struct dnc_list_id list,
                                       const char *const *values, size_t count,
                                       struct error *err)
{
    struct store_postgres *store = self;
    struct pg_array all = {.kind = PG_TEXTS};
    struct pg_connection *writer = pg_write_begin(store, STORE_API, err);
    if (!writer)
        return pg_unavailable(err);
    for (size_t i = 0; i < count; i++)
        pg_array_text(&all, values[i]);
    pg_send(writer, PG_DNC_VALUE_DELETE, PG_VALUES(PG_INT(list.value), PG_ARRAY(&all)));
    pg_array_fini(&all);
    return pg_write_end(store, STORE_API, STATUS_OK, err);
}

enum status postgres_dnc_list(void *self, const struct dnc_query *query, struct arena *arena,
                              struct dnc_entry **entries, size_t *count, struct error *err)
{
    size_t limit = query->limit > 0 ? (size_t)query->limit : 0;
    *count = 0;
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    *entries = arena_new(arena, limit, sizeof(**entries));
    enum status status = STATUS_OK;
    if (!query->after_value) {
        struct pg_rows rows =
            pg_start(reader, PG_DNC_LIST,
                     PG_VALUES(PG_INT(query->list.value), PG_INT(query->after_number),
                               PG_INT((int64_t)limit)));
        while (*count < limit && pg_next(&rows))
            (*entries)[(*count)++] = (struct dnc_entry){.number = pg_int(&rows, 0),
                                                        .expires_at = {pg_int(&rows, 1)}};
        status = pg_end(&rows, err);
    }
    if (!status && *count < limit) {
        struct pg_rows rows =
            pg_start(reader, PG_DNC_VALUE_LIST,
                     PG_VALUES(PG_INT(query->list.value),
                               PG_TEXT(query->after_value ? query->after_value : ""),
                               PG_INT((int64_t)(limit - *count))));
        while (*count < limit && pg_next(&rows))
            (*entries)[(*count)++] = (struct dnc_entry){.value = pg_text_in(&rows, 0, arena),
                                                        .expires_at = {pg_int(&rows, 1)}};
        status = pg_end(&rows, err);
    }
    return pg_read_end(reader, status);
}

enum status pg_dnc_has_contact(struct pg_connection *connection, struct dnc_list_id list,
                               struct contact_id contact, int16_t column, struct wall now,
                               bool *has, struct error *err)
{
    int64_t expires_at = 0;
    enum status status =
        pg_get(connection, PG_DNC_CONTACT_GET,
               PG_VALUES(PG_INT(list.value), PG_INT(contact_list_of(contact).value),
                         PG_INT(contact.value), PG_INT(column)),
               &expires_at, err);
    *has = status == STATUS_OK && (expires_at == 0 || expires_at > now.us);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}
