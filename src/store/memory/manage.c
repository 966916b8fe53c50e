/* Contact management: rows for store/manage.h, and a contact's history. */
#include <stdlib.h>

#include "base/ensure.h"
#include "store/memory/rows.h"

static enum status queues_of(void *self, const struct contact *contact,
                             struct manage_queue queues[MANAGE_QUEUES_MAX], size_t *count,
                             struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    size_t at = 0;
    void *value;
    *count = 0;
    while (*count < MANAGE_QUEUES_MAX && table_next(&store->queues, &at, NULL, &value)) {
        const struct memory_queue *queue = value;
        if (queue->order.list.value != contact_list_of(contact->id).value)
            continue;
        queues[(*count)++] = (struct manage_queue){
            .campaign = queue->order.campaign,
            .pass = queue->order.pass,
            .is_covered = contact->id.value <= queue->build.at.value,
            .is_used = memory_is_used(store, contact, queue->order.pass),
        };
    }
    return STATUS_OK;
}

static enum status due_has(void *self, struct campaign_id campaign, struct contact_id contact,
                           bool *has, struct error *err)
{
    (void)err;
    const struct store_memory *store = self;
    *has = false;
    for (size_t i = 0; i < store->due.count; i++)
        *has = *has || (store->due.items[i].campaign.value == campaign.value &&
                        store->due.items[i].contact.value == contact.value);
    return STATUS_OK;
}

static enum status due_drop(void *self, struct contact_id contact, struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    for (size_t i = store->due.count; i-- > 0;)
        if (store->due.items[i].contact.value == contact.value)
            MEMORY_REMOVE(&store->due, i);
    return STATUS_OK;
}

static enum status queue_edited(void *self, const struct contact *contact, struct error *err)
{
    (void)err;
    memory_queue_edited(self, contact, contact->touched_at);
    return STATUS_OK;
}

static enum status event_put(void *self, struct contact_id contact,
                             const struct contact_event *event, struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    struct memory_event *place = MEMORY_ADD(&store->events);
    place->contact = contact;
    place->event = *event;
    if (event->before)
        place->event.before = memory_text(event->before, strlen(event->before));
    if (event->note)
        place->event.note = memory_text(event->note, strlen(event->note));
    return STATUS_OK;
}

struct manage_rows memory_manage_rows(struct store_memory *store)
{
    return (struct manage_rows){
        .dialer = memory_rows(store),
        .queues_of = queues_of,
        .due_has = due_has,
        .due_drop = due_drop,
        .queue_edited = queue_edited,
        .event_put = event_put,
    };
}

void memory_event_put(struct store_memory *store, const struct memory_contact *contact,
                      enum contact_event_kind kind, struct entity_ref actor, struct wall now)
{
    char *before = manage_before(&contact->hot, contact->external_id, contact->data);
    struct contact_event event = {
        .kind = kind,
        .at = now,
        .actor = actor,
        .state = kind == CONTACT_EVENT_DELETED ? CONTACT_DELETED : contact->hot.state,
        .before = before,
    };
    ensure(event_put(store, contact->hot.id, &event, NULL) == STATUS_OK);
    free(before);
}

/* --- The port
 * ------------------------------------------------------------------------------------ */

enum status memory_contacts_act(void *self, enum store_priority priority,
                                const struct contact_action *action,
                                const struct contact_id *ids, size_t count,
                                struct contact_action_result *result, struct error *err)
{
    (void)priority;
    struct manage_rows rows = memory_manage_rows(self);
    enum status status = manage_check(count, err);
    if (status)
        return status;
    memset(result, 0, sizeof(*result));
    for (size_t i = 0; i < count; i++)
        ensure(manage_act(&rows, action, ids[i], result, err) == STATUS_OK);
    return STATUS_OK;
}

enum status memory_contact_states(void *self, struct list_id id,
                                  struct contact_state_counts *counts, struct error *err)
{
    (void)err;
    const struct memory_list *list = memory_list_find(self, id, false);
    memset(counts, 0, sizeof(*counts));
    int64_t others = 0;
    for (int state = CONTACT_WAITING + 1; list && state < CONTACT_STATE_COUNT; state++)
        others += counts->counts[state] = list->states[state];
    counts->counts[CONTACT_WAITING] = (list ? (int64_t)list->present : 0) - others;
    return STATUS_OK;
}

static struct contact_event of_attempt(const struct memory_attempt *attempt,
                                       enum contact_event_kind kind, struct wall at,
                                       enum contact_state state)
{
    const struct attempt_record *record = &attempt->record;
    return (struct contact_event){
        .kind = kind,
        .at = at,
        .state = state,
        .call = record->call,
        .campaign = record->campaign,
        .agent = record->agent,
        .number = record->number,
        .column = record->column,
    };
}

static int newest_first(const void *left, const void *right)
{
    const struct contact_event *a = left, *b = right;
    if (a->at.us != b->at.us)
        return a->at.us < b->at.us ? 1 : -1;
    return (int)b->kind - (int)a->kind;
}

static const char *keep(struct arena *arena, const char *text)
{
    return text ? arena_text(arena, text, strlen(text)) : NULL;
}

static size_t gather(struct store_memory *store, struct contact_id id, struct arena *arena,
                     struct contact_event *all)
{
    const struct memory_contact *contact = memory_contact_find(store, id);
    size_t count = 0;
    if (contact)
        all[count++] =
            (struct contact_event){.kind = CONTACT_EVENT_CREATED, .at = contact->created_at};
    for (size_t i = 0; i < store->events.count; i++) {
        if (store->events.items[i].contact.value != id.value)
            continue;
        struct contact_event *event = &all[count++];
        *event = store->events.items[i].event;
        event->before = keep(arena, event->before);
        event->note = keep(arena, event->note);
    }
    for (const struct memory_attempt *attempt = table_get(&store->by_contact, id.value);
         attempt; attempt = attempt->previous_of_contact) {
        all[count++] =
            of_attempt(attempt, CONTACT_EVENT_ATTEMPT, attempt->record.at, CONTACT_RUNNING);
        if (attempt->is_ended) {
            all[count] =
                of_attempt(attempt, CONTACT_EVENT_ENDED, attempt->end_at, attempt->end_state);
            all[count++].outcome = attempt->record.outcome;
        }
        if (attempt->is_wrapped_up) {
            all[count] = of_attempt(attempt, CONTACT_EVENT_WRAPPED_UP, attempt->wrapup_at,
                                    attempt->wrapup_state);
            all[count].wrapup = attempt->record.wrapup;
            all[count++].note = keep(arena, attempt->note);
        }
    }
    return count;
}

enum status memory_contact_events(void *self, struct contact_id id, struct arena *arena,
                                  struct contact_event **events, size_t *count,
                                  struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    size_t room = *count < CONTACT_EVENTS_MAX ? *count : CONTACT_EVENTS_MAX;
    size_t most = 1 + store->events.count + 3 * store->attempts.count;
    struct contact_event *all = arena_new(arena, most, sizeof(*all));
    size_t found = gather(store, id, arena, all);
    qsort(all, found, sizeof(*all), newest_first);
    *count = found < room ? found : room;
    *events = all;
    manage_reverse(all, *count);
    return STATUS_OK;
}

static bool is_deleted_of(const struct memory_event *event, struct list_id list)
{
    return event->event.kind == CONTACT_EVENT_DELETED && event->event.before &&
           contact_list_of(event->contact).value == list.value;
}

static int deleted_first(const void *left, const void *right)
{
    const struct deleted_contact *a = left, *b = right;
    if (a->at.us != b->at.us)
        return a->at.us > b->at.us ? -1 : 1;
    return a->id.value > b->id.value ? -1 : a->id.value < b->id.value;
}

/* All of a list, the newest first. */
static struct deleted_contact *deleted_all(const struct store_memory *store,
                                           struct list_id list, struct arena *arena,
                                           size_t *count)
{
    struct deleted_contact *all = arena_new(arena, store->events.count + 1, sizeof(*all));
    *count = 0;
    for (size_t i = 0; i < store->events.count; i++) {
        const struct memory_event *event = &store->events.items[i];
        if (is_deleted_of(event, list))
            all[(*count)++] =
                (struct deleted_contact){.id = event->contact,
                                         .at = event->event.at,
                                         .actor = event->event.actor,
                                         .before = keep(arena, event->event.before)};
    }
    qsort(all, *count, sizeof(*all), deleted_first);
    return all;
}

enum status memory_contacts_deleted(void *self, struct list_id list, int64_t offset,
                                    struct arena *arena, struct deleted_contact *deleted,
                                    size_t *count, struct error *err)
{
    (void)err;
    size_t found = 0, room = *count;
    const struct deleted_contact *all = deleted_all(self, list, arena, &found);
    *count = 0;
    for (size_t i = (size_t)offset; i < found && *count < room; i++)
        deleted[(*count)++] = all[i];
    return STATUS_OK;
}

enum status memory_contacts_purge(void *self, struct list_id list, struct wall at,
                                  size_t *count, struct error *err)
{
    (void)err;
    size_t found = 0, room = *count < MANAGE_ACT_MAX ? *count : MANAGE_ACT_MAX;
    struct arena arena;
    arena_init(&arena);
    const struct deleted_contact *all = deleted_all(self, list, &arena, &found);
    *count = 0;
    for (size_t i = found; i > 0 && *count < room && all[i - 1].at.us < at.us; i--, (*count)++)
        (void)memory_events_forget(self, all[i - 1].id);
    arena_fini(&arena);
    return STATUS_OK;
}
