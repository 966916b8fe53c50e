#include "base/ensure.h"
#include "store/memory/rows.h"

/* --- Rows for store/dialer.h
 * ------------------------------------------------------------------- */

static enum status contact_get(void *self, struct contact_id id, struct contact *contact,
                               struct error *err)
{
    (void)err;
    const struct memory_contact *found = memory_contact_find(self, id);
    if (!found)
        return STATUS_NOT_FOUND;
    *contact = found->hot;
    return STATUS_OK;
}

static enum status contact_put(void *self, const struct contact *contact, uint32_t addresses,
                               struct error *err)
{
    (void)err;
    struct memory_contact *found = memory_contact_find(self, contact->id);
    ensure(found != NULL);
    struct contact old = found->hot;
    found->hot = *contact;
    for (int32_t i = 0; i < old.address_count; i++)
        if (!(addresses & 1u << i))
            found->hot.addresses[i] = old.addresses[i];
    return STATUS_OK;
}

static enum status attempt_get(void *self, struct call_id call, bool *is_ended,
                               struct error *err)
{
    (void)err;
    const struct memory_attempt *attempt = table_get(&STORE_MEMORY(self)->by_call, call.value);
    if (!attempt)
        return STATUS_NOT_FOUND;
    *is_ended = attempt->is_ended;
    return STATUS_OK;
}

static enum status attempt_put(void *self, const struct dialer_write *write, int64_t epoch,
                               struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    struct memory_attempt *attempt = memory_new(1, sizeof(*attempt));
    attempt->record = (struct attempt_record){
        .call = write->call,
        .campaign = write->campaign,
        .contact = write->contact,
        .agent = write->agent,
        .number = write->number,
        .column = write->column,
        .pass = write->pass,
        .at = write->at,
    };
    attempt->mode = write->mode;
    attempt->caller_number = write->caller_number;
    attempt->epoch = epoch;
    attempt->previous_of_contact = table_get(&store->by_contact, write->contact.value);
    attempt->previous_of_number = table_get(&store->by_number, write->number);
    size_t at = store->attempts.count;
    while (at > 0 && store->attempts.items[at - 1]->record.call.value > write->call.value)
        at--;
    *MEMORY_INSERT(&store->attempts, at) = attempt;
    table_put(&store->by_call, write->call.value, attempt);
    table_put(&store->by_contact, write->contact.value, attempt);
    table_put(&store->by_number, write->number, attempt);
    return STATUS_OK;
}

static enum status attempts_since(void *self, struct contact_id contact, int64_t number,
                                  struct wall since, int32_t *count, struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    const struct memory_attempt *attempt = contact.value
                                               ? table_get(&store->by_contact, contact.value)
                                               : table_get(&store->by_number, number);
    *count = 0;
    while (attempt) {
        *count += attempt->record.at.us >= since.us;
        attempt = contact.value ? attempt->previous_of_contact : attempt->previous_of_number;
    }
    return STATUS_OK;
}

bool memory_was_dialed(struct store_memory *store, struct contact_id contact, int64_t pass)
{
    const struct memory_attempt *attempt = table_get(&store->by_contact, contact.value);
    while (attempt && attempt->record.pass != pass)
        attempt = attempt->previous_of_contact;
    return attempt != NULL;
}

static enum status was_dialed(void *self, struct contact_id contact, int64_t pass, bool *was,
                              struct error *err)
{
    (void)err;
    *was = memory_was_dialed(self, contact, pass);
    return STATUS_OK;
}

static enum status end_put(void *self, const struct dialer_write *write, struct error *err)
{
    (void)err;
    struct memory_attempt *attempt = table_get(&STORE_MEMORY(self)->by_call, write->call.value);
    ensure(attempt != NULL);
    attempt->is_ended = true;
    attempt->end_state = write->change.state;
    attempt->end_at = write->at;
    attempt->record.outcome = write->outcome;
    attempt->record.answered_at = write->answered_at;
    attempt->record.ended_at = write->ended_at;
    attempt->record.sip_status = write->sip_status;
    attempt->record.q850_cause = write->q850_cause;
    return STATUS_OK;
}

static enum status wrapup_put(void *self, const struct dialer_write *write, struct error *err)
{
    (void)err;
    struct memory_attempt *attempt = table_get(&STORE_MEMORY(self)->by_call, write->call.value);
    ensure(attempt != NULL);
    attempt->is_wrapped_up = true;
    attempt->wrapup_state = write->change.state;
    attempt->wrapup_at = write->at;
    attempt->record.wrapup = write->wrapup;
    if (write->agent.value)
        attempt->record.agent = write->agent;
    free(attempt->note);
    attempt->note = write->note[0] ? memory_text(write->note, strlen(write->note)) : NULL;
    return STATUS_OK;
}

static struct running_row *find_running(struct store_memory *store, struct call_id call)
{
    for (size_t i = 0; i < store->running.count; i++)
        if (store->running.items[i].call.value == call.value)
            return &store->running.items[i];
    return NULL;
}

static enum status running_get(void *self, struct call_id call, struct running_row *row,
                               struct error *err)
{
    (void)err;
    const struct running_row *found = find_running(self, call);
    if (!found)
        return STATUS_NOT_FOUND;
    *row = *found;
    return STATUS_OK;
}

static enum status running_put(void *self, const struct running_row *row, struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    struct running_row *place = find_running(store, row->call);
    if (!place)
        place = MEMORY_ADD(&store->running);
    *place = *row;
    return STATUS_OK;
}

static enum status running_remove(void *self, struct call_id call, struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    const struct running_row *found = find_running(store, call);
    if (found)
        MEMORY_REMOVE(&store->running, (size_t)(found - store->running.items));
    return STATUS_OK;
}

static int due_compare(const struct due_row *a, const struct due_row *b)
{
    const int64_t left[] = {a->campaign.value, (int64_t)a->due_class, a->zone_set.value,
                            a->at.us, a->contact.value};
    const int64_t right[] = {b->campaign.value, (int64_t)b->due_class, b->zone_set.value,
                             b->at.us, b->contact.value};
    for (size_t i = 0; i < ARRAY_LEN(left); i++)
        if (left[i] != right[i])
            return left[i] < right[i] ? -1 : 1;
    return 0;
}

/* The first row that is not before `key`. */
static size_t due_place(const struct store_memory *store, const struct due_row *key)
{
    size_t low = 0, high = store->due.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (due_compare(&store->due.items[middle], key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool due_is_at(const struct store_memory *store, size_t at, const struct due_row *key)
{
    return at < store->due.count && due_compare(&store->due.items[at], key) == 0;
}

static enum status due_get(void *self, struct due_row *key, struct error *err)
{
    (void)err;
    const struct store_memory *store = self;
    size_t at = due_place(store, key);
    if (!due_is_at(store, at, key))
        return STATUS_NOT_FOUND;
    *key = store->due.items[at];
    return STATUS_OK;
}

static enum status due_put(void *self, const struct due_row *row, struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    size_t at = due_place(store, row);
    if (due_is_at(store, at, row))
        store->due.items[at] = *row;
    else
        *MEMORY_INSERT(&store->due, at) = *row;
    return STATUS_OK;
}

static enum status due_remove(void *self, const struct due_row *key, struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    size_t at = due_place(store, key);
    if (due_is_at(store, at, key))
        MEMORY_REMOVE(&store->due, at);
    return STATUS_OK;
}

static enum status cursor_move(void *self, const struct dialer_write *write, struct error *err)
{
    (void)err;
    struct memory_queue *queue = table_get(&STORE_MEMORY(self)->queues, write->campaign.value);
    if (!queue || queue->order.pass != write->pass)
        return STATUS_OK;
    struct memory_lane *lane = memory_lane_find(queue, write->zone_set, true);
    if (!lane->cursor.contact.value || queue_compare(&lane->cursor, &write->position) < 0)
        lane->cursor = write->position;
    return STATUS_OK;
}

static enum status count_add(void *self, struct campaign_id campaign, int64_t pass,
                             const char *name, struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    for (size_t i = 0; i < store->counts.count; i++) {
        struct memory_count *count = &store->counts.items[i];
        if (count->campaign.value == campaign.value && count->pass == pass &&
            strcmp(count->name, name) == 0) {
            count->count++;
            return STATUS_OK;
        }
    }
    struct memory_count *count = MEMORY_ADD(&store->counts);
    *count = (struct memory_count){.campaign = campaign, .pass = pass, .count = 1};
    snprintf(count->name, sizeof(count->name), "%s", name);
    return STATUS_OK;
}

static enum status run_put(void *self, const struct campaign_run *run, struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    struct campaign_run *place = NULL;
    for (size_t i = 0; i < store->runs.count && !place; i++)
        if (store->runs.items[i].campaign.value == run->campaign.value)
            place = &store->runs.items[i];
    if (!place)
        place = MEMORY_ADD(&store->runs);
    *place = *run;
    return STATUS_OK;
}

static enum status state_count(void *self, struct list_id id, enum contact_state from,
                               enum contact_state to, struct error *err)
{
    (void)err;
    struct memory_list *list = memory_list_find(self, id, true);
    list->states[from]--;
    list->states[to]++;
    return STATUS_OK;
}

struct dialer_rows memory_rows(struct store_memory *store)
{
    return (struct dialer_rows){
        .self = store,
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
        .filter_stamp = memory_filter_stamp,
        .dnc_has = memory_dnc_has,
        .dnc_has_contact = memory_dnc_has_contact,
        .count = count_add,
        .run_put = run_put,
        .state_count = state_count,
    };
}

/* --- The port
 * ------------------------------------------------------------------------------------ */

static struct memory_epoch *find_epoch(struct store_memory *store, int32_t cell)
{
    for (size_t i = 0; i < store->epochs.count; i++)
        if (store->epochs.items[i].cell == cell)
            return &store->epochs.items[i];
    return NULL;
}

enum status memory_epoch_take(void *self, int32_t cell, struct wall now, int64_t *epoch,
                              struct error *err)
{
    struct store_memory *store = self;
    struct memory_epoch *place = find_epoch(store, cell);
    if (!place)
        place = MEMORY_ADD(&store->epochs);
    *place = (struct memory_epoch){cell, ++store->epoch_last};
    *epoch = place->epoch;
    struct dialer_rows rows = memory_rows(store);
    for (size_t i = store->running.count; i-- > 0;) {
        struct running_row row = store->running.items[i];
        if (row.cell == cell)
            ensure(dialer_release(&rows, &row, now, err) == STATUS_OK);
    }
    return STATUS_OK;
}

static void answer_all(const struct dialer_batch *batch, enum dialer_result result)
{
    for (int32_t i = 0; i < batch->count; i++)
        batch->results[i] = result;
}

enum status memory_commit(void *self, const struct dialer_batch *batch, struct error *err)
{
    struct store_memory *store = self;
    const struct memory_epoch *epoch = find_epoch(store, batch->cell);
    answer_all(batch, WRITE_FAILED);
    if (!epoch || epoch->epoch != batch->epoch)
        return error_set(err, STATUS_STALE, "epoch",
                         "another process has taken the cell over: this one must stop dialing");
    enum status failing = store->failing_commits > 0 ? store->failing_status : STATUS_OK;
    store->failing_commits -= store->failing_commits > 0;
    if (failing == STATUS_UNAVAILABLE)
        return error_set(err, failing, "", "the commit failed, as the test asked");
    struct dialer_rows rows = memory_rows(store);
    for (int32_t i = 0; i < batch->count; i++)
        ensure(dialer_apply(&rows, &batch->writes[i], batch->cell, batch->epoch,
                            &batch->results[i], err) == STATUS_OK);
    if (failing == STATUS_OK)
        return STATUS_OK;
    answer_all(batch, WRITE_UNKNOWN);
    return error_set(err, failing, "", "the commit's answer was lost, as the test asked");
}
