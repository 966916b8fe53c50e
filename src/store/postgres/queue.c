/* Building the dial queue, in the order of ranks, in short bulk transactions. */
#include <stdlib.h>

#include "store/postgres/build.h"

#define BUILD_BATCH 1000 /* contacts of one transaction */
#define CLEAR_BATCH 2000 /* rows that a transaction removes */

enum status postgres_pass_draw(void *self, int64_t *pass, struct error *err)
{
    struct store_postgres *store = self;
    struct pg_connection *writer = pg_write_begin(store, STORE_API, err);
    if (!writer)
        return pg_unavailable(err);
    struct wall now = instant_wall_now();
    enum status status =
        pg_get(writer, PG_SEQUENCE_NEXT, PG_VALUES(PG_TEXT("pass")), pass, err);
    /* A process that runs for years comes by here more often than once a month. */
    if (!status)
        status = pg_months_make(writer, now, pg_months_ahead(now), err);
    return pg_write_end(store, STORE_API, status, err);
}

void build_read(const struct pg_rows *rows, struct build_row *build)
{
    size_t len;
    memset(build, 0, sizeof(*build));
    build->order.campaign.value = pg_int(rows, 0);
    build->order.list.value = pg_int(rows, 1);
    build->order.pass = pg_int(rows, 2);
    const void *columns = pg_bytes(rows, 3, &len);
    build->order.column_count = (int32_t)(len / sizeof(int16_t));
    if (build->order.column_count <= ADDRESS_MAX)
        memcpy(build->order.columns, columns, len);
    build->stage = (enum queue_stage)pg_int(rows, 4);
    build->priority_at = (int32_t)pg_int(rows, 5);
    build->at = pg_int(rows, 6);
    build->upto = pg_int(rows, 7);
    build->looked_at = pg_int(rows, 8);
    build->queued = pg_int(rows, 9);
    build->stamp = pg_int(rows, 10);
}

static void build_put(struct pg_connection *connection, const struct build_row *build)
{
    const struct queue_order *order = &build->order;
    pg_send(connection, PG_BUILD_PUT,
            PG_VALUES(PG_INT(order->campaign.value), PG_INT(order->list.value),
                      PG_INT(order->pass),
                      PG_BLOB(order->columns,
                              (size_t)order->column_count * sizeof(order->columns[0])),
                      PG_INT(build->stage), PG_INT(build->priority_at), PG_INT(build->at),
                      PG_INT(build->upto), PG_INT(build->looked_at), PG_INT(build->queued),
                      PG_INT(build->stamp)));
}

/* --- Stages
 * ---------------------------------------------------------------------------------------- */

static int64_t last_key(struct list_id list)
{
    return (list.value << CONTACT_SEQUENCE_BITS) | INT64_C(0xFFFFFFFF);
}

static struct pg_rows stage_start(struct pg_connection *connection,
                                  const struct build_row *build)
{
    struct pg_value list = PG_INT(build->order.list.value), batch = PG_INT(BUILD_BATCH);
    struct pg_value at = PG_INT(build->at), upto = PG_INT(build->upto);
    struct pg_value pass = PG_INT(build->order.pass);
    switch (build->stage) {
    case QUEUE_STAGE_HIGH:
        return pg_start(
            connection, PG_BUILD_NEXT_RANKED,
            PG_VALUES(list, PG_INT(build->priority_at), at, PG_INT(1), upto, batch, pass));
    case QUEUE_STAGE_LOW:
        return pg_start(connection, PG_BUILD_NEXT_RANKED,
                        PG_VALUES(list, PG_INT(build->priority_at), at, PG_INT(INT16_MIN), upto,
                                  batch, pass));
    case QUEUE_STAGE_NORMAL:
        return pg_start(connection, PG_BUILD_NEXT, PG_VALUES(list, at, upto, batch, pass));
    case QUEUE_STAGE_CLEAR:
    case QUEUE_STAGE_DONE: break;
    }
    return pg_start(connection, PG_BUILD_NEXT_LATE,
                    PG_VALUES(list, at, PG_INT(last_key(build->order.list)), batch, pass));
}

static void stage_enter(struct build_row *build, enum queue_stage stage)
{
    build->stage = stage;
    build->at = build->order.list.value << CONTACT_SEQUENCE_BITS;
    build->priority_at = stage == QUEUE_STAGE_HIGH ? INT16_MAX : -1;
    if (stage == QUEUE_STAGE_DONE)
        build->at = build->upto;
}

/* Contacts that an older pass finished are WAITING again. */
static enum status reopen(struct pg_connection *connection, const struct build_row *build,
                          struct contact_set *set, const struct contact *const *contacts,
                          size_t count, struct error *err)
{
    struct pg_array ids = {0};
    for (size_t i = 0; i < count; i++) {
        struct contact_entry *entry = contact_set_find(set, contacts[i]->id);
        if (entry && dialer_reopen(&entry->contact, build->order.pass))
            pg_array_int(&ids, entry->contact.id.value);
    }
    enum status status = STATUS_OK;
    if (ids.count)
        status = pg_run(connection, PG_STATE_REOPEN,
                        PG_VALUES(PG_INT(build->order.list.value), PG_ARRAY(&ids),
                                  PG_INT(build->order.pass)),
                        err);
    pg_array_fini(&ids);
    return status;
}

/* One batch of contacts; *count are looked at. */
static enum status stage_step(struct pg_connection *connection, struct build_row *build,
                              size_t *count, struct error *err)
{
    struct contact_set set = {0};
    struct contact_id order[BUILD_BATCH];
    size_t wanted = 0;
    *count = 0;
    struct pg_rows rows = stage_start(connection, build);
    while (pg_next(&rows)) {
        struct contact_id id = {pg_int(&rows, 0)};
        (*count)++;
        build->at = id.value;
        build->priority_at = (int32_t)pg_int(&rows, 1);
        if (!pg_bool(&rows, 2)) {
            contact_set_want(&set, id);
            order[wanted++] = id;
        }
    }
    enum status status = pg_end(&rows, err);
    build->looked_at += (int64_t)*count;
    if (!status && wanted)
        status = contact_set_load(&set, connection, false, err);
    const struct contact *contacts[BUILD_BATCH];
    size_t found = 0;
    for (size_t i = 0; i < wanted && !status; i++) {
        const struct contact_entry *entry = contact_set_find(&set, order[i]);
        if (entry)
            contacts[found++] = &entry->contact;
    }
    if (!status && found)
        status =
            pg_filter_keep(connection, build->filter, build->order.now, contacts, &found, err);
    if (!status && found)
        status = reopen(connection, build, &set, contacts, found, err);
    if (!status)
        status = build_place(connection, build, contacts, found,
                             build->stage == QUEUE_STAGE_DONE, err);
    contact_set_fini(&set);
    return status;
}

static enum status run_changed(struct pg_connection *connection, enum pg sql,
                               const struct pg_value *values, int count, int64_t *changed,
                               struct error *err)
{
    struct pg_rows rows = pg_start(connection, sql, values, count);
    *changed = pg_changed(&rows);
    return pg_end(&rows, err);
}

static enum status list_last_get(struct pg_connection *connection, struct list_id list,
                                 int64_t *last, struct error *err)
{
    *last = 0;
    enum status status =
        pg_get(connection, PG_LIST_GET, PG_VALUES(PG_INT(list.value)), last, err);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* *is_more: rows of older passes are left. */
static enum status clear_step(struct pg_connection *connection, struct build_row *build,
                              bool *is_more, struct error *err)
{
    struct pg_value campaign = PG_INT(build->order.campaign.value);
    int64_t changed = 0, last = 0;
    enum status status = run_changed(connection, PG_QUEUE_CLEAR,
                                     PG_VALUES(campaign, PG_INT(CLEAR_BATCH)), &changed, err);
    if (!status && !changed)
        status = run_changed(
            connection, PG_DUE_CLEAR,
            PG_VALUES(campaign, PG_INT(build->order.pass), PG_INT(0), PG_INT(CLEAR_BATCH)),
            &changed, err);
    *is_more = changed > 0;
    if (status || changed)
        return status;
    status = pg_run(connection, PG_LANE_CLEAR, PG_VALUES(campaign), err);
    if (!status)
        status = list_last_get(connection, build->order.list, &last, err);
    build->upto = (build->order.list.value << CONTACT_SEQUENCE_BITS) | last;
    stage_enter(build, QUEUE_STAGE_HIGH);
    return status;
}

/* The stored build of this order, or a new one that begins by clearing. Under another filter
 * the whole list is looked through again, as if its contacts were new: what is queued stays. */
static enum status build_open(struct pg_connection *connection, const struct queue_order *order,
                              const struct campaign_filter *filter, struct build_row *build,
                              struct error *err)
{
    struct pg_rows rows =
        pg_start(connection, PG_BUILD_LOCK, PG_VALUES(PG_INT(order->campaign.value)));
    bool has_row = pg_next(&rows);
    if (has_row)
        build_read(&rows, build);
    if (!has_row || !queue_order_equals(&build->order, order)) {
        *build = (struct build_row){.order = *order, .stage = QUEUE_STAGE_CLEAR};
    } else if (build->stamp != filter->stamp && build->stage != QUEUE_STAGE_CLEAR) {
        build->stage = QUEUE_STAGE_DONE;
        build->at = order->list.value << CONTACT_SEQUENCE_BITS;
    }
    build->stamp = filter->stamp;
    build->filter = filter;
    build->order.now = order->now;
    return pg_end(&rows, err);
}

/* Empty stages are passed in one transaction; contacts are placed once in it, so that the lanes
 * are not locked for long. */
static enum status build_run(struct pg_connection *connection, struct build_row *build,
                             bool *is_done, struct error *err)
{
    enum status status = STATUS_OK;
    size_t count = 0;
    bool is_more = false;
    *is_done = false;
    while (!status && !*is_done && !is_more && !count) {
        if (build->stage == QUEUE_STAGE_CLEAR) {
            status = clear_step(connection, build, &is_more, err);
            continue;
        }
        status = stage_step(connection, build, &count, err);
        if (status || count == BUILD_BATCH)
            break;
        if (build->stage == QUEUE_STAGE_DONE)
            *is_done = true;
        else
            stage_enter(build, build->stage + 1);
    }
    return status;
}

enum status postgres_queue_build(void *self, const struct queue_order *order,
                                 struct queue_build *build, struct error *err)
{
    struct store_postgres *store = self;
    struct build_row row;
    struct campaign_filter filter;
    bool is_done = false;
    struct pg_connection *writer = pg_write_begin(store, STORE_BULK, err);
    if (!writer)
        return pg_unavailable(err);
    enum status status = pg_filter_load(writer, order->campaign, &filter, err);
    if (!status)
        status = build_open(writer, order, &filter, &row, err);
    if (!status)
        status = build_run(writer, &row, &is_done, err);
    if (!status)
        build_put(writer, &row);
    status = pg_write_end(store, STORE_BULK, status, err);
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

/* --- Lanes, removal
 * --------------------------------------------------------------------------------- */

enum status pg_queue_drop(struct store_postgres *store, struct campaign_id campaign,
                          struct error *err)
{
    struct pg_value id = PG_INT(campaign.value);
    int64_t changed = 1, due_changed;
    enum status status = STATUS_OK;
    while (changed && !status) {
        struct pg_connection *writer = pg_write_begin(store, STORE_BULK, err);
        if (!writer)
            return pg_unavailable(err);
        status = run_changed(writer, PG_QUEUE_CLEAR, PG_VALUES(id, PG_INT(CLEAR_BATCH)),
                             &changed, err);
        if (!status)
            status = run_changed(writer, PG_DUE_CLEAR,
                                 PG_VALUES(id, PG_INT(-1), PG_INT(1), PG_INT(CLEAR_BATCH)),
                                 &due_changed, err);
        changed += status ? 0 : due_changed;
        static const enum pg last[] = {PG_BUILD_DELETE, PG_LANE_CLEAR, PG_RUN_DELETE,
                                       PG_FILTER_DELETE};
        for (size_t i = 0; i < ARRAY_LEN(last) && !changed && !status; i++)
            status = pg_run(writer, last[i], PG_VALUES(id), err);
        status = pg_write_end(store, STORE_BULK, status, err);
    }
    return status;
}

enum status postgres_queue_lanes(void *self, struct campaign_id campaign,
                                 struct queue_lane *lanes, size_t *count, struct error *err)
{
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    *count = 0;
    bool is_full = false;
    struct pg_rows rows = pg_start(reader, PG_LANE_LIST, PG_VALUES(PG_INT(campaign.value)));
    while (pg_next(&rows) && !is_full) {
        is_full = *count == QUEUE_LANE_MAX;
        if (!is_full)
            lanes[(*count)++] = (struct queue_lane){
                .zone_set = {(int32_t)pg_int(&rows, 0)},
                .queued = pg_int(&rows, 1),
            };
    }
    enum status status = pg_end(&rows, err);
    if (!status && is_full)
        status = error_set(err, STATUS_FULL, "", "the queue has more than %d zone sets",
                           QUEUE_LANE_MAX);
    return pg_read_end(reader, status);
}
