#include "store/postgres/group.h"

#include <stdlib.h>

#include "base/ensure.h"
#include "store/queue.h"

/* Values of the items, by place. */
enum { ATTEMPT_CAMPAIGN, ATTEMPT_SEQ, ATTEMPT_IS_ENDED };
enum {
    RUNNING_CAMPAIGN,
    RUNNING_CONTACT,
    RUNNING_PASS,
    RUNNING_CELL,
    RUNNING_COLUMN,
    RUNNING_IS_ENDED
};
enum { DUE_COLUMN, DUE_PASS, DUE_IS_FIRST };

/* --- What a write will look at
 * --------------------------------------------------------------------- */

static void want_call(struct group *group, struct call_id call, struct campaign_id campaign)
{
    items_add(&group->attempts, ITEM_KEY(call.value))->value[ATTEMPT_CAMPAIGN] = campaign.value;
    items_add(&group->running, ITEM_KEY(call.value))->value[RUNNING_CAMPAIGN] = campaign.value;
}

static void want_source(struct group *group, const struct dialer_write *write)
{
    if (write->from >= DUE_CALLBACK_PERSONAL && write->from < DUE_FRESH)
        (void)items_add(&group->due,
                        ITEM_KEY(write->campaign.value, write->from, write->zone_set.value,
                                 write->due_from.us, write->contact.value));
    (void)items_add(&group->builds, ITEM_KEY(write->campaign.value));
    (void)items_add(&group->passes, ITEM_KEY(write->contact.value, write->pass));
}

static void want_intent(struct group *group, const struct dialer_write *write)
{
    (void)items_add(&group->filters, ITEM_KEY(write->campaign.value));
    for (int32_t i = 0; i < write->dnc_list_count; i++)
        (void)items_add(&group->dnc, ITEM_KEY(write->dnc_lists[i].value, write->number));
    if (write->contact_cap > 0 && write->contact_since.us)
        (void)items_add(&group->contact_windows,
                        ITEM_KEY(write->contact.value, write->contact_since.us));
    if (write->number_cap > 0 && write->number_since.us)
        (void)items_add(&group->number_windows,
                        ITEM_KEY(write->number, write->number_since.us));
}

void group_want(struct group *group, const struct dialer_write *write)
{
    if (write->kind == DIALER_RUN)
        return;
    contact_set_want(&group->contacts, write->contact);
    if (write->kind != DIALER_DEFER && write->kind != DIALER_SKIP)
        want_call(group, write->call, write->campaign);
    if (write->kind != DIALER_END && write->kind != DIALER_WRAPUP)
        want_source(group, write);
    if (write->kind == DIALER_INTENT)
        want_intent(group, write);
}

void group_want_running(struct group *group, const struct running_row *row)
{
    contact_set_want(&group->contacts, row->contact);
    want_call(group, row->call, row->campaign);
}

/* --- Reading it
 * ------------------------------------------------------------------------------------ */

static void send_keys(struct group *group, enum pg sql, const struct items *items, int key_len)
{
    struct pg_batch keys = {.column_count = key_len};
    for (size_t i = 0; i < items->count; i++)
        pg_batch_add(&keys, items->all[i].key, key_len);
    pg_send_batch(group->connection, sql, &keys);
    pg_batch_fini(&keys);
}

/* (campaign, call) of each. */
static void send_calls(struct group *group, enum pg sql, const struct items *items,
                       bool changed_only, bool is_there)
{
    struct pg_batch keys = {.column_count = 2};
    for (size_t i = 0; i < items->count; i++)
        if (!changed_only || (items->all[i].is_changed && items->all[i].is_found == is_there))
            PG_ADD(&keys, items->all[i].value[0], items->all[i].key[0]);
    if (keys.count)
        pg_send_batch(group->connection, sql, &keys);
    pg_batch_fini(&keys);
}

void group_send(struct group *group)
{
    contact_set_send(&group->contacts, group->connection, true);
    if (group->attempts.count) {
        send_calls(group, PG_ATTEMPT_GET, &group->attempts, false, false);
        send_calls(group, PG_RUNNING_GET, &group->running, false, false);
    }
    if (group->due.count)
        send_keys(group, PG_DUE_GET, &group->due, 5);
    if (group->passes.count)
        send_keys(group, PG_ATTEMPT_PASSES, &group->passes, 2);
    if (group->builds.count)
        send_keys(group, PG_BUILD_PASSES, &group->builds, 1);
    if (group->filters.count)
        send_keys(group, PG_FILTER_STAMPS, &group->filters, 1);
    if (group->dnc.count)
        send_keys(group, PG_DNC_MANY, &group->dnc, 2);
    if (group->contact_windows.count)
        send_keys(group, PG_ATTEMPTS_OF_CONTACTS, &group->contact_windows, 2);
    if (group->number_windows.count)
        send_keys(group, PG_ATTEMPTS_OF_NUMBERS, &group->number_windows, 2);
    pg_sync(group->connection);
}

/* Rows of the first `key_len` columns as key, then values. */
static enum status receive_items(struct group *group, struct items *items, int key_len,
                                 int value_len, struct error *err)
{
    if (!items->count)
        return STATUS_OK;
    struct pg_rows rows = pg_receive(group->connection);
    while (pg_next(&rows)) {
        int64_t key[ITEM_KEY_MAX] = {0};
        for (int i = 0; i < key_len; i++)
            key[i] = pg_int(&rows, i);
        struct item *item = items_get(items, key);
        ensure(item != NULL);
        item->is_found = true;
        for (int i = 0; i < value_len; i++)
            item->value[i] = pg_int(&rows, key_len + i);
    }
    return pg_end(&rows, err);
}

static enum status receive_calls(struct group *group, struct error *err)
{
    if (!group->attempts.count)
        return STATUS_OK;
    struct pg_rows rows = pg_receive(group->connection);
    while (pg_next(&rows)) {
        struct item *item = items_get(&group->attempts, ITEM_KEY(pg_int(&rows, 0)));
        ensure(item != NULL);
        item->is_found = true;
        item->value[ATTEMPT_SEQ] = pg_int(&rows, 1);
        item->value[ATTEMPT_IS_ENDED] = pg_int(&rows, 2);
    }
    enum status status = pg_end(&rows, err);
    if (status)
        return status;
    rows = pg_receive(group->connection);
    while (pg_next(&rows)) {
        struct item *item = items_get(&group->running, ITEM_KEY(pg_int(&rows, 1)));
        ensure(item != NULL);
        item->is_found = true;
        item->value[RUNNING_CONTACT] = pg_int(&rows, 2);
        item->value[RUNNING_PASS] = pg_int(&rows, 3);
        item->value[RUNNING_CELL] = pg_int(&rows, 4);
        item->value[RUNNING_COLUMN] = pg_int(&rows, 5);
        item->value[RUNNING_IS_ENDED] = pg_int(&rows, 6);
    }
    return pg_end(&rows, err);
}

enum status group_receive(struct group *group, struct error *err)
{
    enum status status = contact_set_receive(&group->contacts, group->connection, err);
    if (!status)
        status = receive_calls(group, err);
    if (!status)
        status = receive_items(group, &group->due, 5, 3, err);
    if (!status)
        status = receive_items(group, &group->passes, 2, 0, err);
    if (!status)
        status = receive_items(group, &group->builds, 1, 1, err);
    if (!status)
        status = receive_items(group, &group->filters, 1, 1, err);
    if (!status)
        status = receive_items(group, &group->dnc, 2, 1, err);
    if (!status)
        status = receive_items(group, &group->contact_windows, 2, 1, err);
    if (!status)
        status = receive_items(group, &group->number_windows, 2, 1, err);
    return status;
}

/* --- Rows for store/dialer.h
 * ----------------------------------------------------------------------- */

static enum status contact_get(void *self, struct contact_id id, struct contact *contact,
                               struct error *err)
{
    (void)err;
    struct group *group = self;
    const struct contact_entry *entry = contact_set_entry(&group->contacts, id);
    ensure(entry != NULL);
    *contact = entry->contact;
    return entry->is_found ? STATUS_OK : STATUS_NOT_FOUND;
}

static enum status contact_put(void *self, const struct contact *contact, uint32_t addresses,
                               struct error *err)
{
    (void)err;
    struct group *group = self;
    struct contact_entry *entry = contact_set_find(&group->contacts, contact->id);
    ensure(entry != NULL);
    struct contact before = entry->contact;
    entry->contact = *contact;
    for (int32_t i = 0; i < contact->address_count; i++)
        if (!(addresses & 1u << i))
            entry->contact.addresses[i] = before.addresses[i];
    entry->is_changed = true;
    entry->addresses |= addresses;
    return STATUS_OK;
}

static enum status attempt_get(void *self, struct call_id call, bool *is_ended,
                               struct error *err)
{
    (void)err;
    struct group *group = self;
    const struct item *item = items_get(&group->attempts, ITEM_KEY(call.value));
    ensure(item != NULL);
    *is_ended = item->value[ATTEMPT_IS_ENDED] != 0;
    return item->is_found ? STATUS_OK : STATUS_NOT_FOUND;
}

static void window_count(struct items *windows, int64_t key, struct wall at)
{
    for (size_t i = 0; i < windows->count; i++)
        if (windows->all[i].key[0] == key && at.us >= windows->all[i].key[1])
            windows->all[i].value[0]++;
}

static enum status attempt_put(void *self, const struct dialer_write *write, int64_t epoch,
                               struct error *err)
{
    (void)err;
    struct group *group = self;
    struct item *item = items_get(&group->attempts, ITEM_KEY(write->call.value));
    ensure(item != NULL);
    item->is_found = true;
    PG_ADD(&group->attempts_new, write->campaign.value, write->call.value, write->at.us,
           write->contact.value, write->number, write->agent.value, write->caller_number,
           write->pass, epoch, write->column, write->mode);
    group->made = memory_grow(group->made, &group->made_capacity, group->made_count + 1,
                              sizeof(*group->made));
    group->made[group->made_count++] =
        (struct group_made){write->contact.value, write->number, write->at};
    items_add(&group->passes, ITEM_KEY(write->contact.value, write->pass))->is_found = true;
    window_count(&group->contact_windows, write->contact.value, write->at);
    window_count(&group->number_windows, write->number, write->at);
    return STATUS_OK;
}

/* A window that could not be foreseen: the contact was reset within it. */
static enum status window_read(struct group *group, struct contact_id contact, int64_t number,
                               struct wall since, struct error *err)
{
    struct items *windows = contact.value ? &group->contact_windows : &group->number_windows;
    struct pg_batch keys = {0};
    PG_ADD(&keys, contact.value ? contact.value : number, since.us);
    int64_t found = 0;
    pg_send_batch(group->connection,
                  contact.value ? PG_ATTEMPTS_OF_CONTACTS : PG_ATTEMPTS_OF_NUMBERS, &keys);
    pg_batch_fini(&keys);
    pg_sync(group->connection);
    struct pg_rows rows = pg_receive(group->connection);
    if (pg_next(&rows))
        found = pg_int(&rows, 2);
    enum status status = pg_end(&rows, err);
    for (size_t i = 0; i < group->made_count; i++)
        found += group->made[i].at.us >= since.us &&
                 (contact.value ? group->made[i].contact == contact.value
                                : group->made[i].number == number);
    items_add(windows, ITEM_KEY(contact.value ? contact.value : number, since.us))->value[0] =
        found;
    return status;
}

static enum status attempts_since(void *self, struct contact_id contact, int64_t number,
                                  struct wall since, int32_t *count, struct error *err)
{
    struct group *group = self;
    struct items *windows = contact.value ? &group->contact_windows : &group->number_windows;
    int64_t key = contact.value ? contact.value : number;
    const struct item *item = items_get(windows, ITEM_KEY(key, since.us));
    if (!item) {
        enum status status = window_read(group, contact, number, since, err);
        if (status)
            return status;
        item = items_get(windows, ITEM_KEY(key, since.us));
    }
    *count = item->value[0] > INT32_MAX ? INT32_MAX : (int32_t)item->value[0];
    return STATUS_OK;
}

static enum status was_dialed(void *self, struct contact_id contact, int64_t pass, bool *was,
                              struct error *err)
{
    (void)err;
    struct group *group = self;
    const struct item *item = items_get(&group->passes, ITEM_KEY(contact.value, pass));
    ensure(item != NULL);
    *was = item->is_found;
    return STATUS_OK;
}

static enum status fact_put(struct group *group, const struct dialer_write *write,
                            enum pg_fact kind)
{
    struct item *attempt = items_get(&group->attempts, ITEM_KEY(write->call.value));
    ensure(attempt != NULL);
    if (kind == PG_FACT_END)
        attempt->value[ATTEMPT_IS_ENDED] = 1;
    PG_ADD(&group->facts_new, write->campaign.value, write->call.value, write->at.us,
           write->answered_at.us, write->ended_at.us, write->wrapup.value, write->agent.value,
           ++attempt->value[ATTEMPT_SEQ], write->sip_status, write->q850_cause, kind,
           write->outcome, write->change.state);
    pg_batch_text(&group->facts_new, 13, write->note[0] ? write->note : NULL);
    return STATUS_OK;
}

static enum status end_put(void *self, const struct dialer_write *write, struct error *err)
{
    (void)err;
    return fact_put(self, write, PG_FACT_END);
}

static enum status wrapup_put(void *self, const struct dialer_write *write, struct error *err)
{
    (void)err;
    return fact_put(self, write, PG_FACT_WRAPUP);
}

static enum status running_get(void *self, struct call_id call, struct running_row *row,
                               struct error *err)
{
    (void)err;
    struct group *group = self;
    const struct item *item = items_get(&group->running, ITEM_KEY(call.value));
    ensure(item != NULL);
    *row = (struct running_row){
        .call = call,
        .cell = (int32_t)item->value[RUNNING_CELL],
        .campaign = {item->value[RUNNING_CAMPAIGN]},
        .contact = {item->value[RUNNING_CONTACT]},
        .pass = item->value[RUNNING_PASS],
        .column = (int16_t)item->value[RUNNING_COLUMN],
        .is_ended = item->value[RUNNING_IS_ENDED] != 0,
    };
    return item->is_found ? STATUS_OK : STATUS_NOT_FOUND;
}

static enum status running_put(void *self, const struct running_row *row, struct error *err)
{
    (void)err;
    struct group *group = self;
    struct item *item = items_get(&group->running, ITEM_KEY(row->call.value));
    ensure(item != NULL);
    item->is_found = item->is_changed = true;
    item->value[RUNNING_CAMPAIGN] = row->campaign.value;
    item->value[RUNNING_CONTACT] = row->contact.value;
    item->value[RUNNING_PASS] = row->pass;
    item->value[RUNNING_CELL] = row->cell;
    item->value[RUNNING_COLUMN] = row->column;
    item->value[RUNNING_IS_ENDED] = row->is_ended;
    return STATUS_OK;
}

static enum status running_remove(void *self, struct call_id call, struct error *err)
{
    (void)err;
    struct group *group = self;
    struct item *item = items_get(&group->running, ITEM_KEY(call.value));
    ensure(item != NULL);
    item->is_found = false;
    item->is_changed = true;
    return STATUS_OK;
}

static struct item *due_item(struct group *group, const struct due_row *row)
{
    return items_add(&group->due,
                     ITEM_KEY(row->campaign.value, row->due_class, row->zone_set.value,
                              row->at.us, row->contact.value));
}

static enum status due_get(void *self, struct due_row *key, struct error *err)
{
    (void)err;
    const struct item *item = due_item(self, key);
    if (!item->is_found)
        return STATUS_NOT_FOUND;
    key->column = (int16_t)item->value[DUE_COLUMN];
    key->pass = item->value[DUE_PASS];
    key->is_first = item->value[DUE_IS_FIRST] != 0;
    return STATUS_OK;
}

static enum status due_put(void *self, const struct due_row *row, struct error *err)
{
    (void)err;
    struct group *group = self;
    struct item *item = due_item(group, row);
    item->is_found = item->is_changed = true;
    item->value[DUE_COLUMN] = row->column;
    item->value[DUE_PASS] = row->pass;
    item->value[DUE_IS_FIRST] = row->is_first;
    (void)items_add(&group->lanes, ITEM_KEY(row->campaign.value, row->zone_set.value));
    return STATUS_OK;
}

static enum status due_remove(void *self, const struct due_row *key, struct error *err)
{
    (void)err;
    struct item *item = due_item(self, key);
    item->is_found = false;
    item->is_changed = true;
    return STATUS_OK;
}

static enum status cursor_move(void *self, const struct dialer_write *write, struct error *err)
{
    (void)err;
    struct group *group = self;
    const struct queue_position *position = &write->position;
    const struct item *build = items_get(&group->builds, ITEM_KEY(write->campaign.value));
    ensure(build != NULL);
    if (!build->is_found || build->value[0] != write->pass || position->rank_len <= 0 ||
        position->rank_len > QUEUE_RANK_MAX)
        return STATUS_OK;
    struct item *cursor =
        items_add(&group->cursors, ITEM_KEY(write->campaign.value, write->zone_set.value));
    if (!cursor->is_changed || queue_compare(&cursor->position, position) < 0)
        cursor->position = *position;
    cursor->is_changed = true;
    return STATUS_OK;
}

static enum status filter_stamp(void *self, struct campaign_id campaign, int64_t *stamp,
                                struct error *err)
{
    (void)err;
    struct group *group = self;
    const struct item *item = items_get(&group->filters, ITEM_KEY(campaign.value));
    ensure(item != NULL);
    *stamp = item->value[0];
    return STATUS_OK;
}

static enum status dnc_has(void *self, struct dnc_list_id list, int64_t number, struct wall now,
                           bool *has, struct error *err)
{
    (void)err;
    struct group *group = self;
    const struct item *item = items_get(&group->dnc, ITEM_KEY(list.value, number));
    ensure(item != NULL);
    *has = item->is_found && (item->value[0] == 0 || item->value[0] > now.us);
    return STATUS_OK;
}

static enum status dnc_has_contact(void *self, struct dnc_list_id list,
                                   struct contact_id contact, int16_t column, struct wall now,
                                   bool *has, struct error *err)
{
    struct group *group = self;
    return pg_dnc_has_contact(group->connection, list, contact, column, now, has, err);
}

static enum status count_add(void *self, struct campaign_id campaign, int64_t pass,
                             const char *name, struct error *err)
{
    (void)err;
    struct group *group = self;
    for (size_t i = 0; i < group->count_count; i++) {
        struct group_count *count = &group->counts[i];
        if (count->campaign == campaign.value && count->pass == pass &&
            strcmp(count->name, name) == 0) {
            count->n++;
            return STATUS_OK;
        }
    }
    group->counts = memory_grow(group->counts, &group->count_capacity, group->count_count + 1,
                                sizeof(*group->counts));
    struct group_count *count = &group->counts[group->count_count++];
    *count = (struct group_count){.campaign = campaign.value, .pass = pass, .n = 1};
    snprintf(count->name, sizeof(count->name), "%s", name);
    return STATUS_OK;
}

static enum status run_put(void *self, const struct campaign_run *run, struct error *err)
{
    (void)err;
    struct group *group = self;
    struct item *item = items_add(&group->runs, ITEM_KEY(run->campaign.value));
    item->value[0] = run->status;
    item->value[1] = run->pass;
    return STATUS_OK;
}

static enum status state_count(void *self, struct list_id list, enum contact_state from,
                               enum contact_state to, struct error *err)
{
    (void)err;
    struct group *group = self;
    if (from != CONTACT_WAITING)
        items_add(&group->states, ITEM_KEY(list.value, from))->value[0]--;
    if (to != CONTACT_WAITING)
        items_add(&group->states, ITEM_KEY(list.value, to))->value[0]++;
    return STATUS_OK;
}

struct dialer_rows group_rows(struct group *group)
{
    return (struct dialer_rows){
        .self = group,
        .contact_get = contact_get,
        .contact_put = contact_put,
        .attempt_get = attempt_get,
        .attempt_put = attempt_put,
        .attempts_since = attempts_since,
        .was_dialed = was_dialed,
        .end_put = end_put,
        .wrapup_put = wrapup_put,
        .running_get = running_get,
        .running_put = running_put,
        .running_remove = running_remove,
        .due_get = due_get,
        .due_put = due_put,
        .due_remove = due_remove,
        .cursor_move = cursor_move,
        .filter_stamp = filter_stamp,
        .dnc_has = dnc_has,
        .dnc_has_contact = dnc_has_contact,
        .count = count_add,
        .run_put = run_put,
        .state_count = state_count,
    };
}

/* --- Writing it
 * ------------------------------------------------------------------------------------ */

static void send_full(struct group *group, enum pg sql, struct pg_batch *batch)
{
    if (batch->count)
        pg_send_batch(group->connection, sql, batch);
    pg_batch_fini(batch);
}

static void store_contacts(struct group *group)
{
    struct pg_batch states = {0}, addresses = {0};
    for (size_t i = 0; i < group->contacts.count; i++) {
        const struct contact_entry *entry = &group->contacts.entries[i];
        if (!entry->is_changed)
            continue;
        contact_state_add(&states, &entry->contact);
        for (int32_t place = 0; place < entry->contact.address_count; place++)
            if (entry->addresses & 1u << place)
                contact_address_add(&addresses, &entry->contact, place);
    }
    send_full(group, PG_STATE_MOVE, &states);
    send_full(group, PG_ADDRESS_MOVE, &addresses);
}

static void store_running(struct group *group)
{
    struct pg_batch put = {0};
    for (size_t i = 0; i < group->running.count; i++) {
        const struct item *item = &group->running.all[i];
        if (item->is_changed && item->is_found)
            PG_ADD(&put, item->value[RUNNING_CAMPAIGN], item->key[0],
                   item->value[RUNNING_CONTACT], item->value[RUNNING_PASS],
                   item->value[RUNNING_CELL], item->value[RUNNING_COLUMN],
                   item->value[RUNNING_IS_ENDED]);
    }
    send_full(group, PG_RUNNING_PUT, &put);
    send_calls(group, PG_RUNNING_DELETE, &group->running, true, false);
}

static void store_due(struct group *group)
{
    struct pg_batch put = {0}, removed = {0};
    for (size_t i = 0; i < group->due.count; i++) {
        const struct item *item = &group->due.all[i];
        const int64_t *key = item->key;
        if (item->is_changed && item->is_found)
            PG_ADD(&put, key[0], key[1], key[2], key[3], key[4], item->value[DUE_COLUMN],
                   item->value[DUE_PASS], item->value[DUE_IS_FIRST]);
        else if (item->is_changed)
            pg_batch_add(&removed, key, 5);
    }
    send_full(group, PG_DUE_DELETE, &removed);
    send_full(group, PG_DUE_PUT, &put);
}

/* Lanes last: their rows are wanted by whoever builds the queue. */
static void store_lanes(struct group *group)
{
    struct pg_batch moved = {0}, made = {0};
    for (size_t i = 0; i < group->cursors.count; i++) {
        const struct item *item = &group->cursors.all[i];
        PG_ADD(&moved, item->key[0], item->key[1], item->position.contact.value);
        pg_batch_bytes(&moved, 3, item->position.rank, (size_t)item->position.rank_len);
    }
    for (size_t i = 0; i < group->lanes.count; i++)
        PG_ADD(&made, group->lanes.all[i].key[0], group->lanes.all[i].key[1], 0);
    send_full(group, PG_LANE_ADD, &made);
    send_full(group, PG_LANE_MOVE, &moved);
}

void group_store(struct group *group)
{
    struct pg_batch counts = {0}, runs = {0}, states = {0};
    for (size_t i = 0; i < group->count_count; i++) {
        const struct group_count *count = &group->counts[i];
        PG_ADD(&counts, count->campaign, count->pass, count->n);
        pg_batch_text(&counts, 3, count->name);
    }
    for (size_t i = 0; i < group->runs.count; i++)
        PG_ADD(&runs, group->runs.all[i].key[0], group->runs.all[i].value[0],
               group->runs.all[i].value[1]);
    for (size_t i = 0; i < group->states.count; i++)
        if (group->states.all[i].value[0])
            PG_ADD(&states, group->states.all[i].key[0], group->states.all[i].key[1],
                   group->states.all[i].value[0]);
    store_contacts(group);
    send_full(group, PG_STATE_COUNT, &states);
    send_full(group, PG_ATTEMPT_INSERT, &group->attempts_new);
    send_full(group, PG_FACT_INSERT, &group->facts_new);
    store_running(group);
    store_due(group);
    send_full(group, PG_COUNT_ADD, &counts);
    send_full(group, PG_RUN_PUT, &runs);
    store_lanes(group);
}

void group_fini(struct group *group)
{
    struct items *all[] = {&group->attempts, &group->running,        &group->due,
                           &group->dnc,      &group->passes,         &group->contact_windows,
                           &group->builds,   &group->number_windows, &group->filters,
                           &group->cursors,  &group->lanes,          &group->runs,
                           &group->states};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        items_fini(all[i]);
    contact_set_fini(&group->contacts);
    pg_batch_fini(&group->attempts_new);
    pg_batch_fini(&group->facts_new);
    free(group->counts);
    free(group->made);
}
