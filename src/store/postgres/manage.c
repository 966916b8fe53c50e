/* Contact management: rows for store/manage.h, and what is read back of a contact's history.
 * Each row is a round trip: people act on a thousand contacts at most at once. */
#include "store/manage.h"

#include "store/postgres/writing.h"

/* --- Rows
 * ------------------------------------------------------------------------------------------ */

static enum status contact_get(void *self, struct contact_id id, struct contact *contact,
                               struct error *err)
{
    struct contact_set set = {0};
    contact_set_want(&set, id);
    enum status status = contact_set_load(&set, self, true, err);
    const struct contact_entry *entry = contact_set_find(&set, id);
    if (!status && entry)
        *contact = entry->contact;
    else if (!status)
        status = STATUS_NOT_FOUND;
    contact_set_fini(&set);
    return status;
}

static enum status run_batch(struct pg_connection *connection, enum pg sql,
                             struct pg_batch *batch, struct error *err)
{
    if (batch->count)
        pg_send_batch(connection, sql, batch);
    pg_batch_fini(batch);
    return pg_settle(connection, err);
}

static enum status contact_put(void *self, const struct contact *contact, uint32_t addresses,
                               struct error *err)
{
    struct pg_batch states = {0}, changed = {0};
    contact_state_add(&states, contact);
    for (int32_t place = 0; place < contact->address_count; place++)
        if (addresses & 1u << place)
            contact_address_add(&changed, contact, place);
    enum status status = run_batch(self, PG_STATE_MOVE, &states, err);
    enum status put = run_batch(self, PG_ADDRESS_MOVE, &changed, status ? NULL : err);
    return status ? status : put;
}

static enum status due_put(void *self, const struct due_row *row, struct error *err)
{
    struct pg_batch due = {0}, lane = {0};
    PG_ADD(&due, row->campaign.value, row->due_class, row->zone_set.value, row->at.us,
           row->contact.value, row->column, row->pass, row->is_first);
    PG_ADD(&lane, row->campaign.value, row->zone_set.value, 0);
    enum status status = run_batch(self, PG_DUE_PUT, &due, err);
    enum status put = run_batch(self, PG_LANE_ADD, &lane, status ? NULL : err);
    return status ? status : put;
}

static enum status state_count(void *self, struct list_id list, enum contact_state from,
                               enum contact_state to, struct error *err)
{
    struct pg_batch counts = {0};
    if (from != CONTACT_WAITING)
        PG_ADD(&counts, list.value, from, -1);
    if (to != CONTACT_WAITING)
        PG_ADD(&counts, list.value, to, 1);
    return run_batch(self, PG_STATE_COUNT, &counts, err);
}

static enum status queues_of(void *self, const struct contact *contact,
                             struct manage_queue queues[MANAGE_QUEUES_MAX], size_t *count,
                             struct error *err)
{
    struct pg_batch keys = {0}, passes = {0};
    PG_ADD(&keys, contact_list_of(contact->id).value, contact->id.value);
    pg_send_batch(self, PG_BUILDS_OVER, &keys);
    pg_batch_fini(&keys);
    pg_sync(self);
    *count = 0;
    struct pg_rows rows = pg_receive(self);
    while (*count < MANAGE_QUEUES_MAX && pg_next(&rows)) {
        queues[(*count)++] = (struct manage_queue){
            .campaign = {pg_int(&rows, 1)},
            .pass = pg_int(&rows, 2),
            .is_covered = pg_bool(&rows, 3),
            .is_used = contact->pass == pg_int(&rows, 2),
        };
        PG_ADD(&passes, contact->id.value, pg_int(&rows, 2));
    }
    enum status status = pg_end(&rows, err);
    if (!status && passes.count) {
        pg_send_batch(self, PG_ATTEMPT_PASSES, &passes);
        pg_sync(self);
        rows = pg_receive(self);
        while (pg_next(&rows))
            for (size_t i = 0; i < *count; i++)
                queues[i].is_used |= queues[i].pass == pg_int(&rows, 1);
        status = pg_end(&rows, err);
    }
    pg_batch_fini(&passes);
    return status;
}

static enum status due_has(void *self, struct campaign_id campaign, struct contact_id contact,
                           bool *has, struct error *err)
{
    int64_t one;
    enum status status = pg_get(
        self, PG_DUE_HAS, PG_VALUES(PG_INT(contact.value), PG_INT(campaign.value)), &one, err);
    *has = status == STATUS_OK;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status due_drop(void *self, struct contact_id contact, struct error *err)
{
    struct pg_batch keys = {0};
    PG_ADD(&keys, contact_list_of(contact).value, contact.value);
    return run_batch(self, PG_DUE_DELETE_CONTACT, &keys, err);
}

static enum status queue_edited(void *self, const struct contact *contact, struct error *err)
{
    struct build_row builds[BUILDS_MAX];
    size_t count;
    pg_send(self, PG_BUILDS_LOCK, PG_VALUES(PG_INT(contact_list_of(contact->id).value)));
    pg_sync(self);
    enum status status = builds_receive(self, builds, &count, err);
    return status
               ? status
               : build_place_edited(self, builds, count, contact, 1, contact->touched_at, err);
}

static enum status event_put(void *self, struct contact_id contact,
                             const struct contact_event *event, struct error *err)
{
    return pg_run(self, PG_EVENT_INSERT,
                  PG_VALUES(PG_INT(contact_list_of(contact).value), PG_INT(contact.value),
                            PG_INT(event->at.us), PG_INT(event->actor.kind),
                            PG_INT(event->actor.id), PG_INT(event->kind), PG_INT(event->act),
                            PG_INT(event->state), PG_TEXT(event->note)),
                  err);
}

struct manage_rows pg_manage_rows(struct pg_connection *connection)
{
    return (struct manage_rows){
        .dialer =
            {
                .self = connection,
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

/* --- The port
 * -------------------------------------------------------------------------------------- */

/* Locks in the order of everybody: the builds of the lists, then the contacts by their ids. */
static enum status lock_all(struct pg_connection *writer, const struct contact_id *ids,
                            size_t count, struct error *err)
{
    struct contact_set set = {0};
    struct build_row builds[BUILDS_MAX];
    size_t build_count;
    enum status status = STATUS_OK;
    int64_t list = 0;
    for (size_t i = 0; i < count; i++)
        contact_set_want(&set, ids[i]);
    for (size_t i = 0; i < count && !status; i++) {
        if (contact_list_of(ids[i]).value == list)
            continue;
        list = contact_list_of(ids[i]).value;
        pg_send(writer, PG_BUILDS_LOCK, PG_VALUES(PG_INT(list)));
        pg_sync(writer);
        status = builds_receive(writer, builds, &build_count, err);
    }
    if (!status && count)
        status = contact_set_load(&set, writer, true, err);
    contact_set_fini(&set);
    return status;
}

enum status postgres_contacts_act(void *self, enum store_priority priority,
                                  const struct contact_action *action,
                                  const struct contact_id *ids, size_t count,
                                  struct contact_action_result *result, struct error *err)
{
    struct contact_action_result done = {0};
    enum status status = manage_check(count, err);
    if (status)
        return status;
    struct pg_connection *writer = pg_write_begin(self, priority, err);
    if (!writer)
        return pg_unavailable(err);
    struct manage_rows rows = pg_manage_rows(writer);
    status = lock_all(writer, ids, count, err);
    for (size_t i = 0; i < count && !status; i++)
        status = manage_act(&rows, action, ids[i], &done, err);
    status = pg_write_end(self, priority, status, err);
    if (!status)
        *result = done;
    return status;
}

enum status postgres_contact_states(void *self, struct list_id list,
                                    struct contact_state_counts *counts, struct error *err)
{
    memset(counts, 0, sizeof(*counts));
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    pg_send(reader, PG_LIST_GET, PG_VALUES(PG_INT(list.value)));
    pg_send(reader, PG_STATE_COUNTS, PG_VALUES(PG_INT(list.value)));
    pg_sync(reader);
    int64_t others = 0;
    struct pg_rows rows = pg_receive(reader);
    int64_t total = pg_next(&rows) ? pg_int(&rows, 1) : 0;
    enum status status = pg_end(&rows, err);
    rows = pg_receive(reader);
    while (pg_next(&rows)) {
        int64_t state = pg_int(&rows, 0);
        if (state <= CONTACT_WAITING || state >= CONTACT_STATE_COUNT)
            continue;
        counts->counts[state] = pg_int(&rows, 1);
        others += counts->counts[state];
    }
    enum status ended = pg_end(&rows, status ? NULL : err);
    counts->counts[CONTACT_WAITING] = total - others;
    return pg_read_end(reader, status ? status : ended);
}

static void event_read(const struct pg_rows *rows, struct arena *arena,
                       struct contact_event *event)
{
    int64_t state = pg_int(rows, 5);
    *event = (struct contact_event){
        .kind = (enum contact_event_kind)pg_int(rows, 0),
        .at = {pg_int(rows, 1)},
        .actor = {(enum entity_kind)pg_int(rows, 2), pg_int(rows, 3)},
        .act = (enum contact_act)pg_int(rows, 4),
        .state = state >= 0 && state < CONTACT_STATE_COUNT ? (enum contact_state)state
                                                           : CONTACT_STATE_COUNT,
        .before = pg_text_in(rows, 6, arena),
        .note = pg_text_in(rows, 7, arena),
        .call = {pg_int(rows, 8)},
        .campaign = {pg_int(rows, 9)},
        .agent = {pg_int(rows, 10)},
        .number = pg_int(rows, 11),
        .column = (int16_t)pg_int(rows, 12),
        .outcome = (enum outcome)pg_int(rows, 13),
        .wrapup = {pg_int(rows, 14)},
    };
}

enum status postgres_contact_events(void *self, struct contact_id id, struct arena *arena,
                                    struct contact_event **events, size_t *count,
                                    struct error *err)
{
    size_t room = *count < CONTACT_EVENTS_MAX ? *count : CONTACT_EVENTS_MAX;
    *count = 0;
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    *events = arena_new(arena, room + 1, sizeof(**events));
    struct pg_value list = PG_INT(contact_list_of(id).value), contact = PG_INT(id.value);
    struct pg_rows rows =
        pg_start(reader, PG_EVENT_LIST, PG_VALUES(list, contact, PG_INT((int64_t)room)));
    while (*count < room && pg_next(&rows))
        event_read(&rows, arena, &(*events)[(*count)++]);
    enum status status = pg_end(&rows, err);
    int64_t created = 0;
    if (!status && *count < room &&
        pg_get(reader, PG_CONTACT_CREATED, PG_VALUES(list, contact), &created, err) ==
            STATUS_OK)
        (*events)[(*count)++] =
            (struct contact_event){.kind = CONTACT_EVENT_CREATED, .at = {created}};
    manage_reverse(*events, *count);
    return pg_read_end(reader, status);
}
