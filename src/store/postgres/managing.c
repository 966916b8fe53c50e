#include "store/postgres/managing.h"

#include <stdlib.h>

#include "store/postgres/writing.h"

/* --- Reading
 * --------------------------------------------------------------------------------------- */

static enum status queues_receive(struct managing *managing, struct error *err)
{
    struct pg_rows rows = pg_receive(managing->connection);
    while (pg_next(&rows)) {
        managing->queues = memory_grow(managing->queues, &managing->queue_capacity,
                                       managing->queue_count + 1, sizeof(*managing->queues));
        managing->queues[managing->queue_count++] =
            (struct managing_queue){.contact = {pg_int(&rows, 0)},
                                    .queue = {.campaign = {pg_int(&rows, 1)},
                                              .pass = pg_int(&rows, 2),
                                              .is_covered = pg_bool(&rows, 3),
                                              .is_used = pg_bool(&rows, 4)}};
    }
    enum status status = pg_end(&rows, err);
    if (status)
        return status;
    rows = pg_receive(managing->connection);
    while (pg_next(&rows))
        items_add(&managing->dues, ITEM_KEY(pg_int(&rows, 0), pg_int(&rows, 1)))->is_found =
            true;
    return pg_end(&rows, err);
}

enum status managing_open(struct managing *managing, struct pg_connection *connection,
                          const struct contact_id *ids, size_t count, bool requeues,
                          struct error *err)
{
    *managing = (struct managing){.connection = connection};
    if (!count)
        return STATUS_OK;
    for (size_t i = 0; i < count; i++)
        contact_set_want(&managing->set, ids[i]);
    contact_set_send(&managing->set, connection, true);
    if (requeues) {
        pg_send_batch(connection, PG_QUEUES_OF, &managing->set.keys);
        pg_send_batch(connection, PG_DUES_OF, &managing->set.keys);
    }
    pg_sync(connection);
    enum status status = contact_set_receive(&managing->set, connection, err);
    return status || !requeues ? status : queues_receive(managing, err);
}

void managing_fini(struct managing *managing)
{
    contact_set_fini(&managing->set);
    free(managing->queues);
    items_fini(&managing->dues);
    items_fini(&managing->counts);
    items_fini(&managing->lanes);
    pg_batch_fini(&managing->states);
    pg_batch_fini(&managing->addresses);
    pg_batch_fini(&managing->dropped);
    pg_batch_fini(&managing->due);
    pg_batch_fini(&managing->events);
    free(managing->edits);
}

/* The first queue that may meet the contact; those of one contact stand together. */
static size_t first_queue(const struct managing *managing, struct contact_id id)
{
    size_t low = 0, high = managing->queue_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (managing->queues[middle].contact.value < id.value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* --- Rows for store/manage.h
 * ----------------------------------------------------------------------- */

static enum status contact_get(void *self, struct contact_id id, struct contact *contact,
                               struct error *err)
{
    (void)err;
    const struct managing *managing = self;
    const struct contact_entry *entry = contact_set_find(&managing->set, id);
    if (!entry)
        return STATUS_NOT_FOUND;
    *contact = entry->contact;
    return STATUS_OK;
}

static enum status contact_put(void *self, const struct contact *contact, uint32_t addresses,
                               struct error *err)
{
    (void)err;
    struct managing *managing = self;
    contact_state_add(&managing->states, contact);
    for (int32_t place = 0; place < contact->address_count; place++)
        if (addresses & 1u << place)
            contact_address_add(&managing->addresses, contact, place);
    return STATUS_OK;
}

static enum status due_put(void *self, const struct due_row *row, struct error *err)
{
    (void)err;
    struct managing *managing = self;
    PG_ADD(&managing->due, row->campaign.value, row->due_class, row->zone_set.value, row->at.us,
           row->contact.value, row->column, row->pass, row->is_first);
    (void)items_add(&managing->lanes, ITEM_KEY(row->campaign.value, row->zone_set.value));
    return STATUS_OK;
}

static enum status state_count(void *self, struct list_id list, enum contact_state from,
                               enum contact_state to, struct error *err)
{
    (void)err;
    struct managing *managing = self;
    if (from != CONTACT_WAITING)
        items_add(&managing->counts, ITEM_KEY(list.value, from))->value[0]--;
    if (to != CONTACT_WAITING)
        items_add(&managing->counts, ITEM_KEY(list.value, to))->value[0]++;
    return STATUS_OK;
}

static enum status queues_of(void *self, const struct contact *contact,
                             struct manage_queue queues[MANAGE_QUEUES_MAX], size_t *count,
                             struct error *err)
{
    (void)err;
    const struct managing *managing = self;
    *count = 0;
    for (size_t i = first_queue(managing, contact->id);
         i < managing->queue_count && *count < MANAGE_QUEUES_MAX &&
         managing->queues[i].contact.value == contact->id.value;
         i++) {
        struct manage_queue *queue = &queues[(*count)++];
        *queue = managing->queues[i].queue;
        queue->is_used = queue->is_used || contact->pass == queue->pass;
    }
    return STATUS_OK;
}

static enum status due_has(void *self, struct campaign_id campaign, struct contact_id contact,
                           bool *has, struct error *err)
{
    (void)err;
    const struct managing *managing = self;
    const struct item *item =
        items_get(&managing->dues, ITEM_KEY(contact.value, campaign.value));
    *has = item && item->is_found;
    return STATUS_OK;
}

static enum status due_drop(void *self, struct contact_id contact, struct error *err)
{
    (void)err;
    struct managing *managing = self;
    PG_ADD(&managing->dropped, contact_list_of(contact).value, contact.value);
    return STATUS_OK;
}

static enum status queue_edited(void *self, const struct contact *contact, struct error *err)
{
    (void)err;
    struct managing *managing = self;
    managing->edits = memory_grow(managing->edits, &managing->edit_capacity,
                                  managing->edit_count + 1, sizeof(*managing->edits));
    managing->edits[managing->edit_count++] = (struct edit){.contact = *contact};
    return STATUS_OK;
}

static enum status event_put(void *self, struct contact_id contact,
                             const struct contact_event *event, struct error *err)
{
    (void)err;
    struct managing *managing = self;
    PG_ADD(&managing->events, contact_list_of(contact).value, contact.value, event->state);
    managing->event = *event;
    return STATUS_OK;
}

struct manage_rows managing_rows(struct managing *managing)
{
    return (struct manage_rows){
        .dialer =
            {
                .self = managing,
                .contact_get = contact_get,
                .contact_put = contact_put,
                .due_put = due_put,
                .state_count = state_count,
            },
        .queues_of = queues_of,
        .due_has = due_has,
        .due_drop = due_drop,
        .queue_edited = queue_edited,
        .event_put = event_put,
    };
}

/* --- Writing
 * --------------------------------------------------------------------------------------- */

static void send(struct managing *managing, enum pg sql, struct pg_batch *batch)
{
    if (batch->count)
        pg_send_batch(managing->connection, sql, batch);
}

static void send_events(struct managing *managing)
{
    const struct contact_event *event = &managing->event;
    struct pg_array *columns = managing->events.columns;
    pg_send(managing->connection, PG_EVENT_INSERT,
            PG_VALUES(PG_ARRAY(&columns[0]), PG_ARRAY(&columns[1]), PG_ARRAY(&columns[2]),
                      PG_INT(event->at.us), PG_INT(event->actor.kind), PG_INT(event->actor.id),
                      PG_INT(event->kind), PG_INT(event->act), PG_TEXT(event->note)));
}

/* Edits of one list after those of another: the builds of each are at hand in turn. */
static enum status edits_flush(struct managing *managing, struct error *err)
{
    struct build_row builds[BUILDS_MAX];
    enum status status = STATUS_OK;
    size_t start = 0;
    while (start < managing->edit_count && !status) {
        const struct edit *edits = &managing->edits[start];
        struct list_id list = contact_list_of(edits[0].contact.id);
        size_t count = 0, build_count = 0;
        while (start + count < managing->edit_count &&
               contact_list_of(edits[count].contact.id).value == list.value)
            count++;
        pg_send(managing->connection, PG_BUILDS_LOCK, PG_VALUES(PG_INT(list.value)));
        pg_sync(managing->connection);
        status = builds_receive(managing->connection, builds, &build_count, err);
        if (!status)
            status = build_place_edited(managing->connection, builds, build_count, edits, count,
                                        edits[0].contact.touched_at, err);
        start += count;
    }
    return status;
}

enum status managing_flush(struct managing *managing, struct error *err)
{
    struct pg_batch counts = {0}, lanes = {0};
    for (size_t i = 0; i < managing->counts.count; i++) {
        const struct item *item = &managing->counts.all[i];
        if (item->value[0])
            PG_ADD(&counts, item->key[0], item->key[1], item->value[0]);
    }
    for (size_t i = 0; i < managing->lanes.count; i++)
        PG_ADD(&lanes, managing->lanes.all[i].key[0], managing->lanes.all[i].key[1], 0);
    send(managing, PG_STATE_MOVE, &managing->states);
    send(managing, PG_ADDRESS_MOVE, &managing->addresses);
    send(managing, PG_STATE_COUNT, &counts);
    send(managing, PG_DUE_DELETE_CONTACT, &managing->dropped);
    send(managing, PG_DUE_PUT, &managing->due);
    send(managing, PG_LANE_ADD, &lanes);
    if (managing->events.count)
        send_events(managing);
    pg_batch_fini(&counts);
    pg_batch_fini(&lanes);
    enum status status = pg_settle(managing->connection, err);
    return status ? status : edits_flush(managing, err);
}
