/* Contacts take their places in a dial queue: rows in front of a lane's cursor, due rows behind
 * it. The lanes are locked while it is decided, so that no cursor passes a row unseen. */
#include <stdlib.h>

#include "store/postgres/build.h"
#include "store/postgres/items.h"

struct place {
    const struct contact *contact;
    struct zone_set_id zone_set;
    struct queue_position position;
    bool is_behind; /* the cursor has passed it */
    bool is_there, has_behind;
    bool is_due; /* its next try was asked for: it is no row of the queue */
};

struct placing {
    struct pg_connection *connection;
    const struct build_row *build;
    struct place *places;
    size_t count, capacity;
    struct items lanes; /* by zone set: the cursor, and how many rows were put */
    struct items lasts; /* by zone set: the last row that was put here */
    struct items dues;  /* by zone set and contact */
};

static void collect(struct placing *placing, const struct contact *contact)
{
    struct zone_set_id zones[ADDRESS_MAX];
    struct queue_position position;
    queue_rank(contact->id, contact->priority, &position);
    int32_t count = queue_zones(contact, &placing->build->order, zones);
    bool is_due = contact->is_top_priority && contact->next_try.us;
    if (is_due) {
        count = 1;
        zones[0] = dialer_due_zone(contact, -1);
    }
    for (int32_t i = 0; i < count; i++) {
        placing->places = memory_grow(placing->places, &placing->capacity, placing->count + 1,
                                      sizeof(*placing->places));
        placing->places[placing->count++] = (struct place){
            .contact = contact, .zone_set = zones[i], .position = position, .is_due = is_due};
    }
}

static void position_read(const struct pg_rows *rows, int column,
                          struct queue_position *position)
{
    size_t len;
    const void *rank = pg_bytes(rows, column, &len);
    position->rank_len = (int32_t)(len > QUEUE_RANK_MAX ? QUEUE_RANK_MAX : len);
    memcpy(position->rank, rank, (size_t)position->rank_len);
    position->contact.value = pg_int(rows, column + 1);
}

/* Locks the lanes and compares with their cursors. *is_doubtful: some row is behind. */
static enum status lanes_lock(struct placing *placing, bool *is_doubtful, struct error *err)
{
    struct pg_rows rows = pg_start(placing->connection, PG_LANES_LOCK,
                                   PG_VALUES(PG_INT(placing->build->order.campaign.value)));
    while (pg_next(&rows)) {
        struct item *lane = items_add(&placing->lanes, ITEM_KEY(pg_int(&rows, 0)));
        lane->is_found = true;
        position_read(&rows, 1, &lane->position);
    }
    enum status status = pg_end(&rows, err);
    for (size_t i = 0; i < placing->count; i++) {
        struct place *place = &placing->places[i];
        const struct item *lane = items_get(&placing->lanes, ITEM_KEY(place->zone_set.value));
        place->is_behind = lane && lane->position.contact.value &&
                           queue_compare(&place->position, &lane->position) <= 0;
        *is_doubtful |= place->is_behind;
    }
    return status;
}

static void place_add(struct pg_batch *batch, const struct place *place)
{
    PG_ADD(batch, place->zone_set.value, place->position.contact.value);
    pg_batch_bytes(batch, 2, place->position.rank, (size_t)place->position.rank_len);
}

static void send_places(struct placing *placing, enum pg sql, struct pg_batch *batch)
{
    pg_send(placing->connection, sql,
            PG_VALUES(PG_INT(placing->build->order.campaign.value),
                      PG_ARRAY(&batch->columns[0]), PG_ARRAY(&batch->columns[1]),
                      PG_ARRAY(&batch->columns[2])));
    pg_batch_fini(batch);
}

static enum status look(struct placing *placing, struct error *err)
{
    struct pg_batch batch = {0};
    for (size_t i = 0; i < placing->count; i++)
        place_add(&batch, &placing->places[i]);
    send_places(placing, PG_QUEUE_LOOK, &batch);
    pg_sync(placing->connection);
    struct pg_rows rows = pg_receive(placing->connection);
    for (size_t i = 0; i < placing->count && pg_next(&rows); i++) {
        placing->places[i].is_there = pg_bool(&rows, 0);
        placing->places[i].has_behind = pg_bool(&rows, 1);
    }
    return pg_end(&rows, err);
}

/* Whether the place is a row of the queue; else it is due. */
static bool is_in_front(struct placing *placing, const struct place *place, bool is_late)
{
    if (place->is_behind)
        return false;
    struct item *last = items_add(&placing->lasts, ITEM_KEY(place->zone_set.value));
    bool has_behind = place->has_behind ||
                      (last->is_found && queue_compare(&last->position, &place->position) > 0);
    if (is_late && has_behind)
        return false;
    if (!last->is_found || queue_compare(&last->position, &place->position) < 0)
        last->position = place->position;
    last->is_found = true;
    return true;
}

static void due_add(struct placing *placing, struct pg_batch *batch, const struct place *place)
{
    const struct queue_order *order = &placing->build->order;
    enum due_class class = manage_due_class(place->contact);
    int64_t at = place->contact->next_try.us;
    struct item *due = items_add(
        &placing->dues, ITEM_KEY(place->zone_set.value, place->contact->id.value, class, at));
    if (due->is_found)
        return; /* a contact that was edited twice */
    due->is_found = true;
    PG_ADD(batch, order->campaign.value, class, place->zone_set.value, at,
           place->contact->id.value, -1, order->pass, true);
    (void)items_add(&placing->lanes, ITEM_KEY(place->zone_set.value));
}

static enum status put(struct placing *placing, struct pg_batch *rows_put,
                       struct pg_batch *due_put, struct error *err)
{
    struct pg_batch lanes = {0};
    int64_t campaign = placing->build->order.campaign.value;
    rows_put->column_count = 3;
    rows_put->columns[2].kind = PG_BYTES;
    send_places(placing, PG_QUEUE_PUT, rows_put);
    if (due_put->count)
        pg_send_batch(placing->connection, PG_DUE_PUT, due_put);
    bool has_due = due_put->count > 0;
    pg_batch_fini(due_put);
    pg_sync(placing->connection);
    struct pg_rows rows = pg_receive(placing->connection);
    while (pg_next(&rows))
        items_add(&placing->lanes, ITEM_KEY(pg_int(&rows, 0)))->value[0]++;
    enum status status = pg_end(&rows, err);
    if (!status && has_due) {
        rows = pg_receive(placing->connection);
        status = pg_end(&rows, err);
    }
    for (size_t i = 0; i < placing->lanes.count; i++) {
        const struct item *lane = &placing->lanes.all[i];
        if (lane->value[0] || !lane->is_found)
            PG_ADD(&lanes, campaign, lane->key[0], lane->value[0]);
    }
    if (!status && lanes.count)
        pg_send_batch(placing->connection, PG_LANE_ADD, &lanes);
    pg_batch_fini(&lanes);
    return status;
}

enum status build_place(struct pg_connection *connection, struct build_row *build,
                        const struct contact *const *contacts, size_t count, bool is_late,
                        struct error *err)
{
    struct placing placing = {.connection = connection, .build = build};
    struct pg_batch rows_put = {0}, due_put = {0};
    bool is_doubtful = is_late;
    for (size_t i = 0; i < count; i++)
        collect(&placing, contacts[i]);
    build->queued += (int64_t)placing.count;
    enum status status = placing.count ? lanes_lock(&placing, &is_doubtful, err) : STATUS_OK;
    if (!status && placing.count && is_doubtful)
        status = look(&placing, err);
    for (size_t i = 0; i < placing.count && !status; i++) {
        const struct place *place = &placing.places[i];
        if (place->is_there && !place->is_behind && !place->is_due)
            continue;
        if (!place->is_due && is_in_front(&placing, place, is_late))
            place_add(&rows_put, place);
        else
            due_add(&placing, &due_put, place);
    }
    if (!status && placing.count)
        status = put(&placing, &rows_put, &due_put, err);
    pg_batch_fini(&rows_put);
    pg_batch_fini(&due_put);
    items_fini(&placing.lanes);
    items_fini(&placing.lasts);
    items_fini(&placing.dues);
    free(placing.places);
    return status;
}

/* --- Edited contacts
 * ------------------------------------------------------------------------------- */

/* Those of the contacts that the build has come to and that were not dialed in its pass. */
static enum status choose(struct pg_connection *connection, const struct build_row *build,
                          const struct contact *contacts, size_t count,
                          const struct contact **chosen, size_t *chosen_count,
                          struct error *err)
{
    struct items used = {0};
    struct pg_batch keys = {.column_count = 2};
    for (size_t i = 0; i < count; i++) {
        PG_ADD(&keys, contacts[i].id.value, build->order.pass);
        (void)items_add(&used, ITEM_KEY(contacts[i].id.value));
    }
    pg_send_batch(connection, PG_ATTEMPT_PASSES, &keys);
    pg_batch_fini(&keys);
    pg_sync(connection);
    struct pg_rows rows = pg_receive(connection);
    while (pg_next(&rows))
        items_add(&used, ITEM_KEY(pg_int(&rows, 0)))->is_found = true;
    enum status status = pg_end(&rows, err);
    *chosen_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct contact *contact = &contacts[i];
        bool is_later = build->stage == QUEUE_STAGE_DONE && contact->id.value > build->at;
        bool is_used = contact->pass == build->order.pass ||
                       items_get(&used, ITEM_KEY(contact->id.value))->is_found;
        if (!is_later && !is_used)
            chosen[(*chosen_count)++] = contact;
    }
    items_fini(&used);
    return status;
}

/* Those whom the campaign's filter means. */
static enum status keep_meant(struct pg_connection *connection, struct campaign_id campaign,
                              struct wall now, const struct contact **contacts, size_t *count,
                              struct error *err)
{
    struct campaign_filter filter;
    enum status status = pg_filter_load(connection, campaign, &filter, err);
    if (!status && *count)
        status = pg_filter_keep(connection, &filter, now, contacts, count, err);
    campaign_filter_fini(&filter);
    return status;
}

enum status build_place_edited(struct pg_connection *connection, const struct build_row *builds,
                               size_t build_count, const struct contact *contacts, size_t count,
                               struct wall now, struct error *err)
{
    const struct contact **chosen = memory_new(count, sizeof(*chosen));
    enum status status = STATUS_OK;
    for (size_t i = 0; i < build_count && !status; i++) {
        struct build_row build = builds[i]; /* the build's own counts stay */
        size_t chosen_count;
        if (build.stage == QUEUE_STAGE_CLEAR)
            continue;
        status = choose(connection, &build, contacts, count, chosen, &chosen_count, err);
        if (!status)
            status =
                keep_meant(connection, build.order.campaign, now, chosen, &chosen_count, err);
        if (!status)
            status = build_place(connection, &build, chosen, chosen_count, true, err);
        if (!status)
            status = pg_settle(connection, err);
    }
    free(chosen);
    return status;
}
