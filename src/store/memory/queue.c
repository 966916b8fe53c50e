#include <stdlib.h>

#include "base/ensure.h"
#include "store/contact.h"
#include "store/memory/rows.h"

#define BUILD_CHUNK                                                                            \
    1000 /* contacts a call looks at: small, so that callers meet many calls                   \
          */

void memory_queue_free(struct memory_queue *queue)
{
    if (!queue)
        return;
    for (size_t i = 0; i < queue->lanes.count; i++)
        free(queue->lanes.items[i].rows.items);
    free(queue->lanes.items);
    free(queue->sorted.items);
    free(queue);
}

struct memory_lane *memory_lane_find(struct memory_queue *queue, struct zone_set_id zone_set,
                                     bool creates)
{
    for (size_t i = 0; i < queue->lanes.count; i++)
        if (queue->lanes.items[i].lane.zone_set.value == zone_set.value)
            return &queue->lanes.items[i];
    if (!creates)
        return NULL;
    struct memory_lane *lane = MEMORY_ADD(&queue->lanes);
    lane->lane.zone_set = zone_set;
    return lane;
}

enum status memory_pass_draw(void *self, int64_t *pass, struct error *err)
{
    (void)err;
    *pass = ++STORE_MEMORY(self)->pass_last;
    return STATUS_OK;
}

/* --- Building
 * -------------------------------------------------------------------------------------- */

void memory_due_forget(struct store_memory *store, struct contact_id contact)
{
    size_t kept = 0;
    for (size_t i = 0; i < store->due.count; i++)
        if (store->due.items[i].contact.value != contact.value)
            store->due.items[kept++] = store->due.items[i];
    store->due.count = kept;
}

static void due_drop(struct store_memory *store, struct campaign_id campaign, int64_t kept_pass,
                     bool keeps_callbacks)
{
    size_t kept = 0;
    for (size_t i = 0; i < store->due.count; i++) {
        struct due_row row = store->due.items[i];
        bool is_kept = row.campaign.value != campaign.value || row.pass == kept_pass ||
                       (keeps_callbacks && row.due_class <= DUE_CALLBACK);
        if (is_kept)
            store->due.items[kept++] = row;
    }
    store->due.count = kept;
}

void memory_queue_drop(struct store_memory *store, struct campaign_id campaign)
{
    due_drop(store, campaign, -1, false);
    memory_filter_drop(store, campaign);
    memory_queue_free(table_remove(&store->queues, campaign.value));
}

struct sort_key {
    struct queue_position position;
};

static int sort_compare(const void *a, const void *b)
{
    return queue_compare(&((const struct sort_key *)a)->position,
                         &((const struct sort_key *)b)->position);
}

/* The list's contacts by rank, as they are now. */
static void sort_contacts(struct store_memory *store, struct memory_queue *queue)
{
    struct memory_list *list = memory_list_find(store, queue->order.list, true);
    struct sort_key *keys = memory_new(list->present, sizeof(*keys));
    size_t count = 0;
    for (size_t i = 0; i < list->contacts.count; i++) {
        const struct memory_contact *contact = list->contacts.items[i];
        if (contact)
            queue_rank(contact->hot.id, contact->hot.priority, &keys[count++].position);
    }
    qsort(keys, count, sizeof(*keys), sort_compare);
    for (size_t i = 0; i < count; i++)
        *MEMORY_ADD(&queue->sorted) = keys[i].position.contact;
    free(keys);
    queue->build.at.value =
        (queue->order.list.value << CONTACT_SEQUENCE_BITS) | (int64_t)list->contacts.count;
}

static struct memory_queue *queue_open(struct store_memory *store,
                                       const struct queue_order *order)
{
    struct memory_queue *queue = table_get(&store->queues, order->campaign.value);
    if (queue && queue_order_equals(&queue->order, order))
        return queue;
    memory_queue_free(queue);
    due_drop(store, order->campaign, order->pass, true);
    queue = memory_new(1, sizeof(*queue));
    queue->order = *order;
    table_put(&store->queues, order->campaign.value, queue);
    sort_contacts(store, queue);
    return queue;
}

static size_t row_place(const struct memory_lane *lane, const struct queue_position *position)
{
    size_t low = 0, high = lane->rows.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (queue_compare(&lane->rows.items[middle], position) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void add_due(struct store_memory *store, const struct memory_queue *queue,
                    const struct contact *contact, struct zone_set_id zone_set)
{
    struct due_row row = {
        .campaign = queue->order.campaign,
        .due_class = manage_due_class(contact),
        .zone_set = zone_set,
        .at = contact->next_try,
        .contact = contact->id,
        .column = -1,
        .pass = queue->order.pass,
        .is_first = true,
    };
    struct dialer_rows rows = memory_rows(store);
    ensure(rows.due_put(store, &row, NULL) == STATUS_OK);
}

/* A row that comes late goes behind the last of its lane, or into the due table. */
static void place(struct store_memory *store, struct memory_queue *queue,
                  const struct contact *contact, bool is_late)
{
    struct zone_set_id zones[ADDRESS_MAX];
    struct queue_position position;
    queue_rank(contact->id, contact->priority, &position);
    int32_t count = queue_zones(contact, &queue->order, zones);
    if (contact->is_top_priority && contact->next_try.us) {
        add_due(store, queue, contact, dialer_due_zone(contact, -1));
        return;
    }
    for (int32_t i = 0; i < count; i++) {
        struct memory_lane *lane = memory_lane_find(queue, zones[i], true);
        size_t at = row_place(lane, &position);
        bool is_there =
            at < lane->rows.count && queue_compare(&lane->rows.items[at], &position) == 0;
        bool is_behind_cursor =
            lane->cursor.contact.value && queue_compare(&position, &lane->cursor) <= 0;
        if (is_there && !is_behind_cursor)
            continue;
        if (is_behind_cursor || (is_late && at < lane->rows.count)) {
            add_due(store, queue, contact, zones[i]);
        } else {
            *MEMORY_INSERT(&lane->rows, at) = position;
            lane->lane.queued++;
        }
        queue->build.queued++;
    }
}

bool memory_is_used(struct store_memory *store, const struct contact *contact, int64_t pass)
{
    return contact->pass == pass || memory_was_dialed(store, contact->id, pass);
}

static void look_at(struct store_memory *store, struct memory_queue *queue,
                    const struct campaign_filter *filter, struct contact_id id, bool is_late)
{
    struct memory_contact *contact = memory_contact_find(store, id);
    queue->build.looked_at++;
    if (!contact || memory_is_used(store, &contact->hot, queue->order.pass) ||
        !memory_filter_passes(store, filter, id, queue->order.now))
        return;
    enum contact_state before = contact->hot.state;
    if (dialer_reopen(&contact->hot, queue->order.pass)) {
        struct dialer_rows rows = memory_rows(store);
        ensure(rows.state_count(store, queue->order.list, before, contact->hot.state, NULL) ==
               STATUS_OK);
    }
    place(store, queue, &contact->hot, is_late);
}

enum status memory_queue_build(void *self, const struct queue_order *order,
                               struct queue_build *build, struct error *err)
{
    (void)err;
    struct store_memory *store = self;
    struct memory_queue *queue = queue_open(store, order);
    struct campaign_filter filter;
    memory_filter_load(store, order->campaign, &filter);
    queue->order.now = order->now;
    if (queue->stamp != filter.stamp && queue->build.looked_at) {
        /* Another filter: the whole list is looked through again, as if it were new. */
        queue->sorted_at = queue->sorted.count;
        queue->build.at.value = order->list.value << CONTACT_SEQUENCE_BITS;
    }
    queue->stamp = filter.stamp;
    int32_t left = BUILD_CHUNK;
    for (; left > 0 && queue->sorted_at < queue->sorted.count; left--)
        look_at(store, queue, &filter, queue->sorted.items[queue->sorted_at++], false);
    const struct memory_list *list = memory_list_find(store, order->list, true);
    for (; left > 0 && (size_t)(uint32_t)queue->build.at.value < list->contacts.count; left--) {
        queue->build.at.value++;
        look_at(store, queue, &filter, queue->build.at, true);
    }
    campaign_filter_fini(&filter);
    queue->build.is_done = left > 0;
    *build = queue->build;
    return STATUS_OK;
}

void memory_queue_edited(struct store_memory *store, const struct contact *contact,
                         struct wall now)
{
    size_t at = 0;
    void *value;
    while (table_next(&store->queues, &at, NULL, &value)) {
        struct memory_queue *queue = value;
        if (queue->order.list.value == contact_list_of(contact->id).value &&
            contact->id.value <= queue->build.at.value &&
            !memory_is_used(store, contact, queue->order.pass)) {
            struct campaign_filter filter;
            memory_filter_load(store, queue->order.campaign, &filter);
            if (memory_filter_passes(store, &filter, contact->id, now))
                place(store, queue, contact, true);
            campaign_filter_fini(&filter);
        }
    }
}

enum status memory_queue_lanes(void *self, struct campaign_id campaign,
                               struct queue_lane *lanes, size_t *count, struct error *err)
{
    struct store_memory *store = self;
    struct memory_queue *queue = table_get(&store->queues, campaign.value);
    *count = 0;
    if (!queue)
        return STATUS_OK;
    for (size_t i = 0; i < store->due.count; i++)
        if (store->due.items[i].campaign.value == campaign.value)
            memory_lane_find(queue, store->due.items[i].zone_set, true);
    if (queue->lanes.count > QUEUE_LANE_MAX)
        return error_set(err, STATUS_FULL, "",
                         "the queue has %zu zone sets; at most %d are kept", queue->lanes.count,
                         QUEUE_LANE_MAX);
    for (size_t i = 0; i < queue->lanes.count; i++) {
        struct queue_lane lane = queue->lanes.items[i].lane;
        size_t at = (*count)++;
        for (; at > 0 && lanes[at - 1].zone_set.value > lane.zone_set.value; at--)
            lanes[at] = lanes[at - 1];
        lanes[at] = lane;
    }
    return STATUS_OK;
}

/* --- Claiming
 * -------------------------------------------------------------------------------------- */

static void give(struct store_memory *store, const struct claim *claim,
                 const struct campaign_filter *filter, const struct contact *contact,
                 struct candidate *candidate)
{
    struct dialer_rows rows = memory_rows(store);
    candidate->contact = *contact;
    candidate->filter_stamp = filter->stamp;
    candidate->is_outside_filter =
        !memory_filter_passes(store, filter, contact->id, claim->now);
    ensure(dialer_candidate(&rows, claim, &candidate->contact, NULL) == STATUS_OK);
}

static bool is_open(struct store_memory *store, const struct claim *claim,
                    const struct contact *contact, bool is_first)
{
    return contact->state == CONTACT_WAITING &&
           !(is_first && memory_is_used(store, contact, claim->pass));
}

static void claim_due(struct store_memory *store, const struct claim *claim,
                      const struct campaign_filter *filter, struct claimed *claimed)
{
    for (size_t i = 0; i < store->due.count && claimed->count < claim->due_limit; i++) {
        const struct due_row *row = &store->due.items[i];
        if (row->campaign.value != claim->campaign.value || row->at.us > claim->now.us ||
            row->zone_set.value != claim->zone_set.value)
            continue;
        const struct memory_contact *contact = memory_contact_find(store, row->contact);
        if (!contact || !is_open(store, claim, &contact->hot, row->is_first))
            continue;
        struct candidate *candidate = &claimed->candidates[claimed->count++];
        give(store, claim, filter, &contact->hot, candidate);
        candidate->from = row->due_class;
        candidate->due_at = row->at;
        candidate->due_column = row->column;
    }
}

/* An edit may have moved the contact to another lane or rank: then another row stands for it.
 */
static bool is_placed(const struct memory_queue *queue, const struct contact *contact,
                      struct zone_set_id zone_set, const struct queue_position *position)
{
    struct queue_position now;
    queue_rank(contact->id, contact->priority, &now);
    if (queue_compare(&now, position) != 0)
        return false;
    struct zone_set_id zones[ADDRESS_MAX];
    int32_t count = queue_zones(contact, &queue->order, zones);
    for (int32_t i = 0; i < count; i++)
        if (zones[i].value == zone_set.value)
            return true;
    return false;
}

static void claim_fresh(struct store_memory *store, const struct claim *claim,
                        const struct campaign_filter *filter, struct claimed *claimed)
{
    struct memory_queue *queue = table_get(&store->queues, claim->campaign.value);
    struct memory_lane *lane = queue && queue->order.pass == claim->pass
                                   ? memory_lane_find(queue, claim->zone_set, false)
                                   : NULL;
    claimed->is_drained = true;
    if (!lane)
        return;
    struct queue_position after = claim->after.rank_len < 0 ? lane->cursor : claim->after;
    int32_t wanted = claimed->count + claim->fresh_limit;
    for (size_t i = row_place(lane, &after); i < lane->rows.count; i++) {
        const struct queue_position *position = &lane->rows.items[i];
        if (queue_compare(position, &after) <= 0)
            continue;
        const struct memory_contact *contact = memory_contact_find(store, position->contact);
        if (!contact || !is_open(store, claim, &contact->hot, true) ||
            !is_placed(queue, &contact->hot, claim->zone_set, position))
            continue;
        if (claimed->count == wanted) {
            claimed->is_drained = false;
            return;
        }
        struct candidate *candidate = &claimed->candidates[claimed->count++];
        give(store, claim, filter, &contact->hot, candidate);
        candidate->from = DUE_FRESH;
        candidate->position = *position;
        candidate->due_column = -1;
    }
}

enum status memory_claim(void *self, const struct claim *claims, size_t count,
                         struct arena *arena, struct claimed *claimed, struct error *err)
{
    enum status status = dialer_claims_check(claims, count, err);
    if (status)
        return status;
    struct campaign_filter filter;
    memory_filter_load(self, claims->campaign, &filter);
    for (size_t i = 0; i < count; i++) {
        const struct claim *claim = &claims[i];
        memset(&claimed[i], 0, sizeof(claimed[i]));
        claimed[i].candidates =
            arena_new(arena, (size_t)(claim->due_limit + claim->fresh_limit),
                      sizeof(*claimed[i].candidates));
        claim_due(self, claim, &filter, &claimed[i]);
        claim_fresh(self, claim, &filter, &claimed[i]);
    }
    campaign_filter_fini(&filter);
    return STATUS_OK;
}

enum status memory_candidate_load(void *self, const struct claim *claim, struct contact_id id,
                                  struct candidate *candidate, struct error *err)
{
    const struct memory_contact *contact = memory_contact_find(self, id);
    if (!contact)
        return contact_missing(id, err);
    memset(candidate, 0, sizeof(*candidate));
    struct campaign_filter filter;
    memory_filter_load(self, claim->campaign, &filter);
    give(self, claim, &filter, &contact->hot, candidate);
    campaign_filter_fini(&filter);
    candidate->from = DUE_FRESH;
    candidate->due_column = -1;
    queue_rank(id, contact->hot.priority, &candidate->position);
    return STATUS_OK;
}

enum status memory_due_next(void *self, struct campaign_id campaign, struct wall now,
                            struct wall *at, struct error *err)
{
    (void)err;
    const struct store_memory *store = self;
    at->us = INT64_MAX;
    for (size_t i = 0; i < store->due.count; i++) {
        const struct due_row *row = &store->due.items[i];
        if (row->campaign.value == campaign.value && row->at.us > now.us && row->at.us < at->us)
            *at = row->at;
    }
    return STATUS_OK;
}
