/* Filters of campaigns. */
#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "store/postgres/build.h"

enum status pg_filter_receive(struct pg_connection *connection, struct campaign_filter *filter,
                              struct error *err)
{
    struct pg_rows rows = pg_receive(connection);
    bool has_row = pg_next(&rows);
    const char *text = has_row ? pg_text(&rows, 1) : "";
    enum status status =
        campaign_filter_init(filter, has_row ? pg_int(&rows, 0) : 0, text, err);
    enum status ended = pg_end(&rows, status ? NULL : err);
    return status ? status : ended;
}

enum status pg_filter_load(struct pg_connection *connection, struct campaign_id campaign,
                           struct campaign_filter *filter, struct error *err)
{
    pg_send(connection, PG_FILTER_GET, PG_VALUES(PG_INT(campaign.value)));
    pg_sync(connection);
    return pg_filter_receive(connection, filter, err);
}

/* Every set of zones by its id, in the arena: there are some hundreds at most. */
static enum status zones_load(struct pg_connection *connection, struct table *zones,
                              struct arena *arena, struct error *err)
{
    struct pg_rows rows = pg_start(connection, PG_ZONE_SET_LIST, NULL, 0);
    while (pg_next(&rows)) {
        const char *names = pg_text(&rows, 1);
        table_put(zones, pg_int(&rows, 0), arena_text(arena, names, strlen(names)));
    }
    return pg_end(&rows, err);
}

static bool row_passes(const struct pg_rows *row, const struct contact *hot, const char *data,
                       const struct table *zones, const struct filter *filter, struct wall now)
{
    const char *names[ADDRESS_MAX];
    for (int32_t i = 0; i < hot->address_count; i++)
        names[i] = table_get(zones, hot->addresses[i].zone_set.value);
    const struct filter_contact contact = {
        .hot = hot,
        .external_id = pg_text(row, 1),
        .updated_at = {pg_int(row, 3)},
        .data = data ? data : pg_text(row, 4),
        .zones = names,
    };
    return filter_matches(filter, &contact, now);
}

static enum status keep(struct pg_connection *connection, const struct filter *filter,
                        const struct table *zones, struct wall now,
                        const struct contact **contacts, const char *const *data, size_t *count,
                        struct error *err)
{
    struct pg_batch keys = {.column_count = 2};
    struct pg_rows *stored = memory_new(*count, sizeof(*stored));
    size_t stored_count = 0, kept = 0;
    struct table by_id; /* -> where its row is */
    table_init(&by_id);
    for (size_t i = 0; i < *count; i++)
        PG_ADD(&keys, contact_list_of(contacts[i]->id).value, contacts[i]->id.value);
    pg_send_batch(connection, PG_CONTACT_GET, &keys);
    pg_batch_fini(&keys);
    pg_sync(connection);
    struct pg_rows rows = pg_receive(connection);
    while (stored_count < *count && pg_next(&rows)) {
        stored[stored_count] = rows;
        table_put(&by_id, pg_int(&rows, 0), &stored[stored_count++]);
    }
    for (size_t i = 0; i < *count; i++) {
        const struct pg_rows *row = table_get(&by_id, contacts[i]->id.value);
        if (row && row_passes(row, contacts[i], data ? data[i] : NULL, zones, filter, now))
            contacts[kept++] = contacts[i];
    }
    *count = kept;
    table_fini(&by_id);
    free(stored);
    return pg_end(&rows, err);
}

enum status pg_filter_keep(struct pg_connection *connection,
                           const struct campaign_filter *filter, struct wall now,
                           const struct contact **contacts, const char *const *data,
                           size_t *count, struct error *err)
{
    if (!filter->filter.root || !*count)
        return STATUS_OK;
    struct table zones; /* -> the names of a set */
    struct arena arena;
    arena_init(&arena);
    table_init(&zones);
    enum status status =
        filter->uses_zones ? zones_load(connection, &zones, &arena, err) : STATUS_OK;
    if (!status)
        status = keep(connection, &filter->filter, &zones, now, contacts, data, count, err);
    table_fini(&zones);
    arena_fini(&arena);
    return status;
}

static enum status row_put(struct pg_connection *writer, struct campaign_id campaign,
                           const char *text, struct error *err)
{
    int64_t stamp = 0;
    if (!*text)
        return pg_run(writer, PG_FILTER_DELETE, PG_VALUES(PG_INT(campaign.value)), err);
    enum status status =
        pg_get(writer, PG_SEQUENCE_NEXT, PG_VALUES(PG_TEXT("filter")), &stamp, err);
    return status
               ? status
               : pg_run(writer, PG_FILTER_PUT,
                        PG_VALUES(PG_INT(campaign.value), PG_INT(stamp), PG_TEXT(text)), err);
}

enum status postgres_campaign_filter_set(void *self, struct campaign_id campaign,
                                         const char *text, bool *has_changed, struct error *err)
{
    struct store_postgres *store = self;
    enum status status = campaign_filter_check(text, err);
    if (status)
        return status;
    struct pg_connection *writer = pg_write_begin(store, STORE_API, err);
    if (!writer)
        return pg_unavailable(err);
    struct pg_rows rows = pg_start(writer, PG_FILTER_GET, PG_VALUES(PG_INT(campaign.value)));
    const char *old = pg_next(&rows) ? pg_text(&rows, 1) : "";
    *has_changed = strcmp(old, text) != 0;
    status = pg_end(&rows, err);
    if (!status && *has_changed)
        status = row_put(writer, campaign, text, err);
    return pg_write_end(store, STORE_API, status, err);
}
