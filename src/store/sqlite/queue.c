/* Building the dial queue, in the order of ranks, in short bulk transactions. */
#include <stdlib.h>

#include "store/queue.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/contact_rows.h"

#define BUILD_BATCH 128 /* contacts between two looks at the clock */
#define CLEAR_BATCH 500 /* rows a transaction removes */

struct build_row {
    struct queue_order order;
    enum queue_stage stage;
    int32_t priority_at;
    int64_t at, upto; /* contact ids */
    int64_t looked_at, queued;
    int64_t stamp; /* of the filter that it is built with */
    const struct campaign_filter *filter;
};

enum status sqlite_pass_draw(void *self, int64_t *pass, struct error *err)
{
    struct store_sqlite *store = self;
    enum status status = write_begin(store, STORE_API, err);
    if (status)
        return status;
    status =
        sql_get(&store->writer, SQL_SEQUENCE_NEXT, SQL_VALUES(SQL_TEXT("pass")), pass, err);
    return write_end(store, status, err);
}

static enum status build_get(struct connection *connection, struct campaign_id campaign,
                             struct build_row *build, struct error *err)
{
    memset(build, 0, sizeof(*build));
    build->order.campaign = campaign;
    struct rows rows =
        sql_start(connection, SQL_BUILD_GET, SQL_VALUES(SQL_INT(campaign.value)));
    bool has_row = rows_next(&rows);
    if (has_row) {
        sqlite3_stmt *statement = rows.statement;
        build->order.list.value = sqlite3_column_int64(statement, 0);
        build->order.pass = sqlite3_column_int64(statement, 1);
        int bytes = sqlite3_column_bytes(statement, 2);
        build->order.column_count = bytes / (int)sizeof(int16_t);
        if (bytes > 0 && build->order.column_count <= ADDRESS_MAX)
            memcpy(build->order.columns, sqlite3_column_blob(statement, 2), (size_t)bytes);
        build->stage = (enum queue_stage)sqlite3_column_int(statement, 3);
        build->priority_at = sqlite3_column_int(statement, 4);
        build->at = sqlite3_column_int64(statement, 5);
        build->upto = sqlite3_column_int64(statement, 6);
        build->looked_at = sqlite3_column_int64(statement, 7);
        build->queued = sqlite3_column_int64(statement, 8);
        build->stamp = sqlite3_column_int64(statement, 9);
    }
    enum status status = rows_end(&rows, err);
    return status || has_row ? status : STATUS_NOT_FOUND;
}

static enum status build_put(struct connection *connection, const struct build_row *build,
                             struct error *err)
{
    const struct queue_order *order = &build->order;
    return sql_run(
        connection, SQL_BUILD_PUT,
        SQL_VALUES(
            SQL_INT(order->campaign.value), SQL_INT(order->list.value), SQL_INT(order->pass),
            SQL_BYTES(order->columns, (size_t)order->column_count * sizeof(order->columns[0])),
            SQL_INT(build->stage), SQL_INT(build->priority_at), SQL_INT(build->at),
            SQL_INT(build->upto), SQL_INT(build->looked_at), SQL_INT(build->queued),
            SQL_INT(build->stamp)),
        err);
}

/* --- Rows
 * ------------------------------------------------------------------------------------------ */

static enum status has_row(struct connection *connection, enum sql sql,
                           struct campaign_id campaign, struct zone_set_id zone_set,
                           const struct queue_position *position, bool *has, struct error *err)
{
    int64_t one;
    enum status status = sql_get(connection, sql,
                                 SQL_VALUES(SQL_INT(campaign.value), SQL_INT(zone_set.value),
                                            SQL_BYTES(position->rank, position->rank_len),
                                            SQL_INT(position->contact.value)),
                                 &one, err);
    *has = status == STATUS_OK;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* Whether the lane's cursor has passed this position. */
static enum status is_behind_cursor(struct connection *connection, struct campaign_id campaign,
                                    struct zone_set_id zone_set,
                                    const struct queue_position *position, bool *is_behind,
                                    struct error *err)
{
    struct queue_position cursor = {0};
    struct rows rows = sql_start(connection, SQL_LANE_GET,
                                 SQL_VALUES(SQL_INT(campaign.value), SQL_INT(zone_set.value)));
    if (rows_next(&rows)) {
        int len = sqlite3_column_bytes(rows.statement, 0);
        cursor.rank_len = len > QUEUE_RANK_MAX ? QUEUE_RANK_MAX : len;
        if (len > 0)
            memcpy(cursor.rank, sqlite3_column_blob(rows.statement, 0),
                   (size_t)cursor.rank_len);
        cursor.contact.value = sqlite3_column_int64(rows.statement, 1);
    }
    *is_behind = cursor.contact.value && queue_compare(position, &cursor) <= 0;
    return rows_end(&rows, err);
}

static enum status place_due(struct connection *connection, const struct queue_order *order,
                             const struct contact *contact, struct zone_set_id zone_set,
                             struct error *err)
{
    struct due_row row = {
        .campaign = order->campaign,
        .due_class = manage_due_class(contact),
        .zone_set = zone_set,
        .at = contact->next_try,
        .contact = contact->id,
        .column = -1,
        .pass = order->pass,
        .is_first = true,
    };
    struct dialer_rows rows = sqlite_rows(connection);
    return rows.due_put(connection, &row, err);
}

/* A row that comes late goes behind the last of its lane, or into the due table. */
static enum status place_in(struct connection *connection, const struct queue_order *order,
                            const struct contact *contact,
                            const struct queue_position *position, struct zone_set_id zone_set,
                            bool is_late, struct error *err)
{
    bool is_there = false, is_behind = false, has_behind = false;
    enum status status =
        has_row(connection, SQL_QUEUE_HAS, order->campaign, zone_set, position, &is_there, err);
    if (!status)
        status =
            is_behind_cursor(connection, order->campaign, zone_set, position, &is_behind, err);
    if (status || (is_there && !is_behind))
        return status;
    if (is_late && !is_behind)
        status = has_row(connection, SQL_QUEUE_HAS_BEHIND, order->campaign, zone_set, position,
                         &has_behind, err);
    if (status)
        return status;
    if (is_behind || has_behind)
        return place_due(connection, order, contact, zone_set, err);
    status = sql_run(connection, SQL_QUEUE_PUT,
                     SQL_VALUES(SQL_INT(order->campaign.value), SQL_INT(zone_set.value),
                                SQL_BYTES(position->rank, position->rank_len),
                                SQL_INT(position->contact.value)),
                     err);
    return status ? status
                  : sql_run(connection, SQL_LANE_ADD,
                            SQL_VALUES(SQL_INT(order->campaign.value), SQL_INT(zone_set.value),
                                       SQL_INT(1)),
                            err);
}

static enum status place(struct connection *connection, struct build_row *build,
                         const struct contact *contact, bool is_late, struct error *err)
{
    struct zone_set_id zones[ADDRESS_MAX];
    struct queue_position position;
    queue_rank(contact->id, contact->priority, &position);
    int32_t count = queue_zones(contact, &build->order, zones);
    enum status status = STATUS_OK;
    if (contact->is_top_priority && contact->next_try.us)
        return place_due(connection, &build->order, contact, dialer_due_zone(contact, -1), err);
    for (int32_t i = 0; i < count && !status; i++)
        status =
            place_in(connection, &build->order, contact, &position, zones[i], is_late, err);
    build->queued += count;
    return status;
}

static enum status look_at(struct connection *connection, struct build_row *build,
                           struct contact_id id, struct error *err)
{
    struct contact contact;
    bool is_used = false, is_meant = false;
    build->looked_at++;
    enum status status = sqlite_contact_get_hot(connection, id, &contact, err);
    if (!status)
        status = sqlite_was_used(connection, &contact, build->order.pass, &is_used, err);
    if (!status && !is_used)
        status = sqlite_filter_passes(connection, build->filter, &contact, build->order.now,
                                      &is_meant, err);
    if (status || !is_meant)
        return status;
    enum contact_state before = contact.state;
    if (dialer_reopen(&contact, build->order.pass)) {
        struct dialer_rows rows = sqlite_rows(connection);
        status = dialer_contact_put(&rows, before, &contact, 0, err);
    }
    return status ? status
                  : place(connection, build, &contact, build->stage == QUEUE_STAGE_DONE, err);
}

/* --- Stages
 * ---------------------------------------------------------------------------------------- */

static struct rows stage_start(struct connection *connection, const struct build_row *build)
{
    int64_t list = build->order.list.value;
    switch (build->stage) {
    case QUEUE_STAGE_HIGH:
        return sql_start(connection, SQL_BUILD_NEXT_RANKED,
                         SQL_VALUES(SQL_INT(list), SQL_INT(build->priority_at),
                                    SQL_INT(build->at), SQL_INT(1), SQL_INT(build->upto),
                                    SQL_INT(BUILD_BATCH)));
    case QUEUE_STAGE_LOW:
        return sql_start(connection, SQL_BUILD_NEXT_RANKED,
                         SQL_VALUES(SQL_INT(list), SQL_INT(build->priority_at),
                                    SQL_INT(build->at), SQL_INT(INT16_MIN),
                                    SQL_INT(build->upto), SQL_INT(BUILD_BATCH)));
    case QUEUE_STAGE_NORMAL:
        return sql_start(
            connection, SQL_BUILD_NEXT,
            SQL_VALUES(SQL_INT(build->at), SQL_INT(build->upto), SQL_INT(BUILD_BATCH)));
    case QUEUE_STAGE_CLEAR:
    case QUEUE_STAGE_DONE: break;
    }
    return sql_start(connection, SQL_BUILD_NEXT_LATE,
                     SQL_VALUES(SQL_INT(build->at), SQL_INT(list_last_key(build->order.list)),
                                SQL_INT(BUILD_BATCH)));
}

static void stage_enter(struct build_row *build, enum queue_stage stage)
{
    build->stage = stage;
    build->at = build->order.list.value << CONTACT_SEQUENCE_BITS;
    build->priority_at = stage == QUEUE_STAGE_HIGH ? INT16_MAX : -1;
    if (stage == QUEUE_STAGE_DONE)
        build->at = build->upto;
}

/* One batch of contacts; *is_last where the stage has no more. */
static enum status stage_step(struct connection *connection, struct build_row *build,
                              bool *is_last, struct error *err)
{
    struct contact_id ids[BUILD_BATCH];
    int32_t priorities[BUILD_BATCH];
    int32_t count = 0;
    struct rows rows = stage_start(connection, build);
    while (count < BUILD_BATCH && rows_next(&rows)) {
        ids[count].value = sqlite3_column_int64(rows.statement, 0);
        priorities[count++] = sqlite3_column_int(rows.statement, 1);
    }
    enum status status = rows_end(&rows, err);
    for (int32_t i = 0; i < count && !status; i++) {
        status = look_at(connection, build, ids[i], err);
        build->at = ids[i].value;
        build->priority_at = priorities[i];
    }
    *is_last = count < BUILD_BATCH;
    return status;
}

static enum status clear_step(struct connection *connection, struct build_row *build,
                              struct error *err)
{
    struct sql_value campaign = SQL_INT(build->order.campaign.value);
    enum status status =
        sql_run(connection, SQL_QUEUE_CLEAR, SQL_VALUES(campaign, SQL_INT(CLEAR_BATCH)), err);
    int64_t changed = status ? 1 : sqlite3_changes64(connection->db);
    if (!status && !changed) {
        status = sql_run(
            connection, SQL_DUE_CLEAR,
            SQL_VALUES(campaign, SQL_INT(build->order.pass), SQL_INT(0), SQL_INT(CLEAR_BATCH)),
            err);
        changed = sqlite3_changes64(connection->db);
    }
    if (status || changed)
        return status;
    struct list_row list;
    status = sql_run(connection, SQL_LANE_CLEAR, SQL_VALUES(campaign), err);
    if (!status)
        status = list_row_get(connection, build->order.list, &list, err);
    build->upto = (build->order.list.value << CONTACT_SEQUENCE_BITS) | list.last;
    stage_enter(build, QUEUE_STAGE_HIGH);
    return status;
}

/* The stored build of this order, or a new one that begins by clearing. Under another filter
 * the whole list is looked through again, as if its contacts were new: what is queued stays. */
static enum status build_open(struct connection *connection, const struct queue_order *order,
                              const struct campaign_filter *filter, struct build_row *build,
                              struct error *err)
{
    enum status status = build_get(connection, order->campaign, build, err);
    if (status && status != STATUS_NOT_FOUND)
        return status;
    if (status || !queue_order_equals(&build->order, order)) {
        *build = (struct build_row){.order = *order, .stage = QUEUE_STAGE_CLEAR};
    } else if (build->stamp != filter->stamp && build->stage != QUEUE_STAGE_CLEAR) {
        build->stage = QUEUE_STAGE_DONE;
        build->at = order->list.value << CONTACT_SEQUENCE_BITS;
    }
    build->stamp = filter->stamp;
    build->filter = filter;
    build->order.now = order->now;
    return STATUS_OK;
}

static enum status build_run(struct connection *connection, struct build_row *build,
                             bool *is_done, struct error *err)
{
    struct mono began = instant_mono_now();
    enum status status = STATUS_OK;
    *is_done = false;
    do {
        bool is_last = false;
        if (build->stage == QUEUE_STAGE_CLEAR) {
            status = clear_step(connection, build, err);
            continue;
        }
        status = stage_step(connection, build, &is_last, err);
        if (!status && is_last && build->stage == QUEUE_STAGE_DONE)
            *is_done = true;
        else if (is_last)
            stage_enter(build, build->stage + 1);
    } while (!status && !*is_done && !bulk_is_spent(began));
    return status;
}

enum status sqlite_queue_build(void *self, const struct queue_order *order,
                               struct queue_build *build, struct error *err)
{
    struct store_sqlite *store = self;
    struct build_row row = {.at = 0};
    struct campaign_filter filter;
    bool is_done = false;
    enum status status = write_begin(store, STORE_BULK, err);
    if (status)
        return status;
    status = sqlite_filter_load(&store->writer, order->campaign, &filter, err);
    if (!status)
        status = build_open(&store->writer, order, &filter, &row, err);
    if (!status)
        status = build_run(&store->writer, &row, &is_done, err);
    if (!status)
        status = build_put(&store->writer, &row, err);
    status = write_end(store, status, err);
    campaign_filter_fini(&filter);
    if (!status)
        *build = (struct queue_build){
            .at = {row.at},
            .looked_at = row.looked_at,
            .queued = row.queued,
            .is_done = is_done,
        };
    return status;
}

/* --- Edits, lanes, removal
 * ----------------------------------------------------------------------------- */

#define BUILDS_MAX 64 /* campaigns over one list that an edit looks at */

/* In one queue. */
static enum status queue_edited(struct connection *connection, struct campaign_id campaign,
                                const struct contact *contact, struct wall now,
                                struct error *err)
{
    struct build_row build;
    struct campaign_filter filter;
    bool is_used = false, is_meant = false;
    enum status status = build_get(connection, campaign, &build, err);
    if (!status)
        status = sqlite_was_used(connection, contact, build.order.pass, &is_used, err);
    bool is_later = build.stage == QUEUE_STAGE_CLEAR ||
                    (build.stage == QUEUE_STAGE_DONE && contact->id.value > build.at);
    if (status || is_used || is_later)
        return status;
    status = sqlite_filter_load(connection, campaign, &filter, err);
    if (!status)
        status = sqlite_filter_passes(connection, &filter, contact, now, &is_meant, err);
    campaign_filter_fini(&filter);
    return status || !is_meant ? status : place(connection, &build, contact, true, err);
}

enum status sqlite_queue_edited(struct connection *connection, const struct contact *contact,
                                struct wall now, struct error *err)
{
    struct campaign_id campaigns[BUILDS_MAX];
    size_t count = 0;
    struct rows rows = sql_start(connection, SQL_BUILDS_OF_LIST,
                                 SQL_VALUES(SQL_INT(contact_list_of(contact->id).value)));
    while (count < BUILDS_MAX && rows_next(&rows))
        campaigns[count++].value = sqlite3_column_int64(rows.statement, 0);
    enum status status = rows_end(&rows, err);
    for (size_t i = 0; i < count && !status; i++)
        status = queue_edited(connection, campaigns[i], contact, now, err);
    return status;
}

enum status sqlite_queue_drop(struct store_sqlite *store, struct campaign_id campaign,
                              struct error *err)
{
    struct connection *writer = &store->writer;
    struct sql_value id = SQL_INT(campaign.value);
    int64_t changed = 1;
    enum status status = STATUS_OK;
    while (changed && !status) {
        status = write_begin(store, STORE_BULK, err);
        if (status)
            return status;
        status = sql_run(writer, SQL_QUEUE_CLEAR, SQL_VALUES(id, SQL_INT(CLEAR_BATCH)), err);
        changed = sqlite3_changes64(writer->db);
        if (!status)
            status =
                sql_run(writer, SQL_DUE_CLEAR,
                        SQL_VALUES(id, SQL_INT(-1), SQL_INT(1), SQL_INT(CLEAR_BATCH)), err);
        changed += sqlite3_changes64(writer->db);
        static const enum sql last[] = {SQL_LANE_CLEAR, SQL_BUILD_DELETE, SQL_RUN_DELETE,
                                        SQL_FILTER_DELETE};
        for (size_t i = 0; i < ARRAY_LEN(last) && !changed && !status; i++)
            status = sql_run(writer, last[i], SQL_VALUES(id), err);
        status = write_end(store, status, err);
    }
    return status;
}

enum status sqlite_queue_lanes(void *self, struct campaign_id campaign,
                               struct queue_lane *lanes, size_t *count, struct error *err)
{
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    *count = 0;
    bool is_full = false;
    struct rows rows = sql_start(reader, SQL_LANE_LIST, SQL_VALUES(SQL_INT(campaign.value)));
    while (rows_next(&rows) && !is_full) {
        is_full = *count == QUEUE_LANE_MAX;
        if (!is_full)
            lanes[(*count)++] = (struct queue_lane){
                .zone_set = {sqlite3_column_int(rows.statement, 0)},
                .queued = sqlite3_column_int64(rows.statement, 1),
            };
    }
    enum status status = rows_end(&rows, err);
    if (!status && is_full)
        status = error_set(err, STATUS_FULL, "", "the queue has more than %d zone sets",
                           QUEUE_LANE_MAX);
    return read_end(reader, status);
}

static bool is_ordered_row(const struct build_row *build, const struct claim *claim)
{
    return build->order.pass == claim->pass && build->stage != QUEUE_STAGE_CLEAR;
}

enum status sqlite_build_order(struct connection *connection, const struct claim *claim,
                               struct queue_order *order, bool *has, struct error *err)
{
    struct build_row build;
    enum status status = build_get(connection, claim->campaign, &build, err);
    *has = status == STATUS_OK && is_ordered_row(&build, claim);
    *order = build.order;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}
