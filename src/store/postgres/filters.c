/* Filters of campaigns. */
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

enum status pg_filter_keep(struct pg_connection *connection,
                           const struct campaign_filter *filter, struct wall now,
                           const struct contact **contacts, size_t *count, struct error *err)
{
    if (!filter->filter.root || !*count)
        return STATUS_OK;
    struct pg_batch keys = {.column_count = 2};
    struct table asked, meant;
    table_init(&asked);
    table_init(&meant);
    for (size_t i = 0; i < *count; i++) {
        PG_ADD(&keys, contact_list_of(contacts[i]->id).value, contacts[i]->id.value);
        table_put(&asked, contacts[i]->id.value, (void *)(uintptr_t)contacts[i]);
    }
    pg_send_batch(connection, PG_CONTACT_GET, &keys);
    pg_batch_fini(&keys);
    pg_sync(connection);
    struct pg_rows rows = pg_receive(connection);
    while (pg_next(&rows)) {
        const struct filter_contact contact = {
            .hot = table_get(&asked, pg_int(&rows, 0)),
            .external_id = pg_text(&rows, 1),
            .updated_at = {pg_int(&rows, 3)},
            .data = pg_text(&rows, 4),
        };
        if (contact.hot && filter_matches(&filter->filter, &contact, now))
            table_put(&meant, contact.hot->id.value, (void *)(uintptr_t)contact.hot);
    }
    enum status status = pg_end(&rows, err);
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++)
        if (table_get(&meant, contacts[i]->id.value))
            contacts[kept++] = contacts[i];
    *count = kept;
    table_fini(&asked);
    table_fini(&meant);
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
