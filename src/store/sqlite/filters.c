/* Filters of campaigns. */
#include <string.h>

#include "store/sqlite/connection.h"

static enum status row_get(struct connection *connection, struct campaign_id campaign,
                           struct arena *arena, int64_t *stamp, const char **text,
                           struct error *err)
{
    *stamp = 0;
    *text = "";
    struct rows rows =
        sql_start(connection, SQL_FILTER_GET, SQL_VALUES(SQL_INT(campaign.value)));
    if (rows_next(&rows)) {
        *stamp = sqlite3_column_int64(rows.statement, 0);
        *text = rows_text(&rows, 1, arena);
    }
    return rows_end(&rows, err);
}

static enum status row_put(struct connection *connection, struct campaign_id campaign,
                           const char *text, struct error *err)
{
    int64_t stamp = 0;
    if (!*text)
        return sql_run(connection, SQL_FILTER_DELETE, SQL_VALUES(SQL_INT(campaign.value)), err);
    enum status status =
        sql_get(connection, SQL_SEQUENCE_NEXT, SQL_VALUES(SQL_TEXT("filter")), &stamp, err);
    return status ? status
                  : sql_run(connection, SQL_FILTER_PUT,
                            SQL_VALUES(SQL_INT(campaign.value), SQL_INT(stamp), SQL_TEXT(text)),
                            err);
}

enum status sqlite_campaign_filter_set(void *self, struct campaign_id campaign,
                                       const char *text, bool *has_changed, struct error *err)
{
    struct store_sqlite *store = self;
    struct arena arena;
    int64_t stamp;
    const char *old;
    enum status status = campaign_filter_check(text, err);
    if (!status)
        status = write_begin(store, STORE_API, err);
    if (status)
        return status;
    arena_init(&arena);
    status = row_get(&store->writer, campaign, &arena, &stamp, &old, err);
    *has_changed = !status && strcmp(old, text) != 0;
    if (*has_changed)
        status = row_put(&store->writer, campaign, text, err);
    arena_fini(&arena);
    return write_end(store, status, err);
}

enum status sqlite_filter_load(struct connection *connection, struct campaign_id campaign,
                               struct campaign_filter *filter, struct error *err)
{
    struct arena arena;
    int64_t stamp;
    const char *text;
    arena_init(&arena);
    enum status status = row_get(connection, campaign, &arena, &stamp, &text, err);
    enum status read =
        campaign_filter_init(filter, stamp, status ? "" : text, status ? NULL : err);
    arena_fini(&arena);
    return status ? status : read;
}

/* The zones of each address, in the arena. */
static enum status zones_get(struct connection *connection, const struct contact *contact,
                             struct arena *arena, const char *zones[ADDRESS_MAX],
                             struct error *err)
{
    enum status status = STATUS_OK;
    for (int32_t i = 0; i < contact->address_count && !status; i++) {
        struct rows rows = sql_start(connection, SQL_ZONE_SET_NAMES,
                                     SQL_VALUES(SQL_INT(contact->addresses[i].zone_set.value)));
        zones[i] = rows_next(&rows) ? rows_text(&rows, 0, arena) : "";
        status = rows_end(&rows, err);
    }
    return status;
}

enum status sqlite_filter_passes(struct connection *connection,
                                 const struct campaign_filter *filter,
                                 const struct contact *contact, struct wall now, bool *passes,
                                 struct error *err)
{
    const char *zones[ADDRESS_MAX] = {NULL};
    struct arena arena;
    *passes = true;
    if (!filter->filter.root)
        return STATUS_OK;
    arena_init(&arena);
    enum status status =
        filter->uses_zones ? zones_get(connection, contact, &arena, zones, err) : STATUS_OK;
    struct rows rows =
        sql_start(connection, SQL_CONTACT_GET, SQL_VALUES(SQL_INT(contact->id.value)));
    if (!status && rows_next(&rows)) {
        const struct filter_contact asked = {
            .hot = contact,
            .external_id = (const char *)sqlite3_column_text(rows.statement, 0),
            .updated_at = {sqlite3_column_int64(rows.statement, 2)},
            .data = (const char *)sqlite3_column_text(rows.statement, 3),
            .zones = zones,
        };
        *passes = filter_matches(&filter->filter, &asked, now);
    }
    enum status ended = rows_end(&rows, status ? NULL : err);
    arena_fini(&arena);
    return status ? status : ended;
}

enum status sqlite_filter_stamp(void *self, struct campaign_id campaign, int64_t *stamp,
                                struct error *err)
{
    *stamp = 0;
    enum status status =
        sql_get(self, SQL_FILTER_GET, SQL_VALUES(SQL_INT(campaign.value)), stamp, err);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}
