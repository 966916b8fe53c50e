/* Claiming: a read of due rows, then of the queue behind the cursor. */
#include <stdlib.h>

#include "base/ensure.h"
#include "store/contact.h"
#include "store/postgres/build.h"
#include "store/postgres/items.h"

/* Rows of the queue that are read at once where the first were no use. */
#define PAGE_LEAST 64

/* Rows of the queue, read behind a position. */
struct page {
    struct page_row {
        struct queue_position position;
        bool is_open;
    } * rows;
    int32_t count, room;
};

/* One of the lanes that are claimed together. */
struct claim_lane {
    const struct claim *claim;
    struct claimed *claimed;
    struct queue_position after;
    struct page page;
    int32_t wanted; /* candidates with which it is over */
    bool is_over;
};

struct claiming {
    struct pg_connection *reader;
    const struct claim *claim; /* what all lanes ask for */
    struct claim_lane *lanes;
    size_t lane_count;
    struct queue_order order;
    bool has_queue;
    struct campaign_filter filter;
    /* What store/dialer.h asks for, read before it asks. */
    struct items contact_windows, number_windows, numbers;
};

/* --- Rows for store/dialer.h
 * ----------------------------------------------------------------------- */

static enum status attempts_since(void *self, struct contact_id contact, int64_t number,
                                  struct wall since, int32_t *count, struct error *err)
{
    (void)err;
    struct claiming *claiming = self;
    const struct item *item =
        contact.value ? items_get(&claiming->contact_windows, ITEM_KEY(contact.value))
                      : items_get(&claiming->number_windows, ITEM_KEY(number, since.us));
    int64_t found = item ? item->value[0] : 0;
    *count = found > INT32_MAX ? INT32_MAX : (int32_t)found;
    return STATUS_OK;
}

/* The lists of the claim were asked together. */
static enum status dnc_has(void *self, struct dnc_list_id list, int64_t number, struct wall now,
                           bool *has, struct error *err)
{
    (void)list;
    (void)now;
    (void)err;
    struct claiming *claiming = self;
    const struct item *item = items_get(&claiming->numbers, ITEM_KEY(number));
    *has = item && item->value[1];
    return STATUS_OK;
}

static enum status dnc_has_contact(void *self, struct dnc_list_id list,
                                   struct contact_id contact, int16_t column, struct wall now,
                                   bool *has, struct error *err)
{
    struct claiming *claiming = self;
    return pg_dnc_has_contact(claiming->reader, list, contact, column, now, has, err);
}

static struct dialer_rows claim_rows(struct claiming *claiming)
{
    return (struct dialer_rows){.self = claiming,
                                .attempts_since = attempts_since,
                                .dnc_has = dnc_has,
                                .dnc_has_contact = dnc_has_contact};
}

/* Marks those whom the campaign's filter does not mean: a round trip where it has one. */
static enum status filter_mark(struct claiming *claiming, struct contact_set *set,
                               struct error *err)
{
    if (!claiming->filter.filter.root)
        return STATUS_OK;
    const struct contact **kept = memory_new(set->count + 1, sizeof(*kept));
    size_t count = 0;
    for (size_t i = 0; i < set->count; i++) {
        set->entries[i].is_outside = true;
        if (set->entries[i].is_found)
            kept[count++] = &set->entries[i].contact;
    }
    enum status status = pg_filter_keep(claiming->reader, &claiming->filter,
                                        claiming->claim->now, kept, NULL, &count, err);
    for (size_t i = 0; i < count; i++)
        contact_set_find(set, kept[i]->id)->is_outside = false;
    free(kept);
    return status;
}

/* The contacts of the set with all that the claim asks about them: one round trip. */
static enum status load(struct claiming *claiming, struct contact_set *set, struct error *err)
{
    const struct claim *claim = claiming->claim;
    struct pg_array lists = {0};
    contact_set_send(set, claiming->reader, false);
    for (int32_t i = 0; i < claim->dnc_list_count; i++)
        pg_array_int(&lists, claim->dnc_lists[i].value);
    pg_send(claiming->reader, PG_CLAIM_CONTACTS,
            PG_VALUES(PG_ARRAY(&set->keys.columns[0]), PG_ARRAY(&set->keys.columns[1]),
                      PG_INT(claim->contact_since.us)));
    pg_send(claiming->reader, PG_CLAIM_NUMBERS,
            PG_VALUES(PG_ARRAY(&set->keys.columns[0]), PG_ARRAY(&set->keys.columns[1]),
                      PG_ARRAY(&lists), PG_INT(claim->now.us), PG_INT(claim->number_since.us)));
    pg_array_fini(&lists);
    pg_sync(claiming->reader);
    enum status status = contact_set_receive(set, claiming->reader, err);
    if (status)
        return status;
    struct pg_rows rows = pg_receive(claiming->reader);
    while (pg_next(&rows))
        items_add(&claiming->contact_windows, ITEM_KEY(pg_int(&rows, 0)))->value[0] =
            pg_int(&rows, 1);
    status = pg_end(&rows, err);
    if (status)
        return status;
    rows = pg_receive(claiming->reader);
    while (pg_next(&rows)) {
        struct item *item = items_add(&claiming->numbers, ITEM_KEY(pg_int(&rows, 0)));
        item->value[1] = pg_int(&rows, 2);
        items_add(&claiming->number_windows, ITEM_KEY(pg_int(&rows, 0), pg_int(&rows, 3)))
            ->value[0] = pg_int(&rows, 1);
    }
    status = pg_end(&rows, err);
    return status ? status : filter_mark(claiming, set, err);
}

/* --- Rows of the lanes
 * --------------------------------------------------------------------------------- */

/* The queue behind the position of each lane that is not over, or behind the stored cursor. */
static void pages_send(struct claiming *claiming)
{
    const struct claim *claim = claiming->claim;
    struct pg_array zones = {0}, is_placed = {0}, contacts = {0}, rooms = {0};
    struct pg_array ranks = {.kind = PG_BYTES};
    for (size_t i = 0; i < claiming->lane_count; i++) {
        const struct claim_lane *lane = &claiming->lanes[i];
        const struct queue_position *after = &lane->after;
        int32_t len = after->rank_len < 0 ? 0 : after->rank_len;
        pg_array_int(&zones, lane->claim->zone_set.value);
        pg_array_int(&is_placed, after->rank_len >= 0);
        pg_array_bytes(&ranks, after->rank, (size_t)len);
        pg_array_int(&contacts, after->contact.value);
        pg_array_int(&rooms, lane->is_over ? 0 : lane->page.room);
    }
    pg_send(claiming->reader, PG_CLAIM_QUEUE,
            PG_VALUES(PG_INT(claim->campaign.value), PG_ARRAY(&zones), PG_INT(claim->pass),
                      PG_ARRAY(&is_placed), PG_ARRAY(&ranks), PG_ARRAY(&contacts),
                      PG_ARRAY(&rooms)));
    pg_array_fini(&zones);
    pg_array_fini(&is_placed);
    pg_array_fini(&ranks);
    pg_array_fini(&contacts);
    pg_array_fini(&rooms);
}

/* The first round trip: due rows, the build, the first page of each lane, the filter. */
static void opening_send(struct claiming *claiming)
{
    const struct claim *claim = claiming->claim;
    struct pg_value campaign = PG_INT(claim->campaign.value);
    struct pg_array zones = {0}, limits = {0};
    for (size_t i = 0; i < claiming->lane_count; i++) {
        pg_array_int(&zones, claiming->lanes[i].claim->zone_set.value);
        pg_array_int(&limits, claiming->lanes[i].claim->due_limit);
    }
    pg_send(claiming->reader, PG_CLAIM_DUE,
            PG_VALUES(campaign, PG_ARRAY(&zones), PG_INT(claim->pass), PG_INT(claim->now.us),
                      PG_ARRAY(&limits)));
    pg_array_fini(&zones);
    pg_array_fini(&limits);
    pg_send(claiming->reader, PG_BUILD_GET, PG_VALUES(campaign));
    pages_send(claiming);
    pg_send(claiming->reader, PG_FILTER_GET, PG_VALUES(campaign));
    pg_sync(claiming->reader);
}

/* The lane of a row that begins with its place among them. */
static struct claim_lane *lane_of(struct claiming *claiming, const struct pg_rows *rows)
{
    int64_t n = pg_int(rows, 0);
    ensure(n > 0 && n <= (int64_t)claiming->lane_count);
    return &claiming->lanes[n - 1];
}

static enum status due_receive(struct claiming *claiming, struct contact_set *set,
                               struct error *err)
{
    struct pg_rows rows = pg_receive(claiming->reader);
    while (pg_next(&rows)) {
        struct claim_lane *lane = lane_of(claiming, &rows);
        if (lane->claimed->count == lane->claim->due_limit)
            continue;
        struct candidate *candidate = &lane->claimed->candidates[lane->claimed->count++];
        candidate->from = (enum due_class)pg_int(&rows, 1);
        candidate->due_at.us = pg_int(&rows, 2);
        candidate->contact.id.value = pg_int(&rows, 3);
        candidate->due_column = (int16_t)pg_int(&rows, 4);
        contact_set_want(set, candidate->contact.id);
    }
    return pg_end(&rows, err);
}

static void position_read(const struct pg_rows *rows, struct queue_position *position)
{
    size_t len;
    const void *rank = pg_bytes(rows, 1, &len);
    memset(position, 0, sizeof(*position));
    position->rank_len = (int32_t)(len > QUEUE_RANK_MAX ? QUEUE_RANK_MAX : len);
    memcpy(position->rank, rank, (size_t)position->rank_len);
    position->contact.value = pg_int(rows, 2);
}

static enum status pages_receive(struct claiming *claiming, struct contact_set *set,
                                 struct error *err)
{
    for (size_t i = 0; i < claiming->lane_count; i++)
        claiming->lanes[i].page.count = 0;
    struct pg_rows rows = pg_receive(claiming->reader);
    while (pg_next(&rows)) {
        struct page *page = &lane_of(claiming, &rows)->page;
        if (page->count == page->room)
            continue;
        struct page_row *row = &page->rows[page->count++];
        position_read(&rows, &row->position);
        row->is_open = pg_bool(&rows, 3);
        if (row->is_open && claiming->has_queue)
            contact_set_want(set, row->position.contact);
    }
    return pg_end(&rows, err);
}

static enum status opening_receive(struct claiming *claiming, struct contact_set *set,
                                   struct error *err)
{
    const struct claim *claim = claiming->claim;
    enum status status = due_receive(claiming, set, err);
    if (status)
        return status;
    struct pg_rows rows = pg_receive(claiming->reader);
    if (pg_next(&rows)) {
        struct build_row build;
        build_read(&rows, &build);
        claiming->order = build.order;
        claiming->has_queue =
            build.order.pass == claim->pass && build.stage != QUEUE_STAGE_CLEAR;
    }
    status = pg_end(&rows, err);
    if (!status)
        status = pages_receive(claiming, set, err);
    return status ? status : pg_filter_receive(claiming->reader, &claiming->filter, err);
}

/* Fills a lane's due candidates with their contacts. */
static enum status complete(struct claiming *claiming, struct claim_lane *lane,
                            const struct contact_set *set, struct error *err)
{
    struct claimed *claimed = lane->claimed;
    struct dialer_rows rows = claim_rows(claiming);
    enum status status = STATUS_OK;
    int32_t kept = 0;
    for (int32_t i = 0; i < claimed->count && !status; i++) {
        struct candidate candidate = claimed->candidates[i];
        const struct contact_entry *entry = contact_set_find(set, candidate.contact.id);
        if (!entry)
            continue;
        candidate.contact = entry->contact;
        candidate.filter_stamp = claiming->filter.stamp;
        candidate.is_outside_filter = entry->is_outside;
        status = dialer_candidate(&rows, claiming->claim, &candidate.contact, err);
        claimed->candidates[kept++] = candidate;
    }
    claimed->count = kept;
    return status;
}

/* An edit may have moved the contact to another lane or rank: then another row stands for it.
 */
static bool is_placed(const struct claiming *claiming, const struct claim_lane *lane,
                      const struct contact *contact, const struct queue_position *position)
{
    struct queue_position now;
    struct zone_set_id zones[ADDRESS_MAX];
    queue_rank(contact->id, contact->priority, &now);
    if (queue_compare(&now, position) != 0)
        return false;
    int32_t count = queue_zones(contact, &claiming->order, zones);
    for (int32_t i = 0; i < count; i++)
        if (zones[i].value == lane->claim->zone_set.value)
            return true;
    return false;
}

/* Candidates of a lane's page whose contacts are in the set; it is over when enough was found
 * or the lane ended. */
static enum status page_take(struct claiming *claiming, struct claim_lane *lane,
                             const struct contact_set *set, struct error *err)
{
    struct claimed *claimed = lane->claimed;
    const struct page *page = &lane->page;
    struct dialer_rows dialer = claim_rows(claiming);
    enum status status = STATUS_OK;
    lane->is_over = page->count < page->room;
    for (int32_t i = 0; i < page->count && !status; i++) {
        const struct queue_position *position = &page->rows[i].position;
        if (claimed->count == lane->wanted) {
            claimed->is_drained = false;
            lane->is_over = true;
            break;
        }
        lane->after = *position;
        const struct contact_entry *entry =
            page->rows[i].is_open ? contact_set_find(set, position->contact) : NULL;
        if (!entry || !is_placed(claiming, lane, &entry->contact, position))
            continue;
        struct candidate *candidate = &claimed->candidates[claimed->count++];
        *candidate = (struct candidate){.contact = entry->contact,
                                        .from = DUE_FRESH,
                                        .position = *position,
                                        .due_column = -1,
                                        .filter_stamp = claiming->filter.stamp,
                                        .is_outside_filter = entry->is_outside};
        status = dialer_candidate(&dialer, claiming->claim, &candidate->contact, err);
    }
    return status;
}

/* --- The claim
 * ------------------------------------------------------------------------------------- */

/* What the contacts of the set are, and what each lane makes of its rows. */
static enum status rows_take(struct claiming *claiming, struct contact_set *set, bool is_first,
                             struct error *err)
{
    enum status status = set->count ? load(claiming, set, err) : STATUS_OK;
    for (size_t i = 0; i < claiming->lane_count && !status; i++) {
        struct claim_lane *lane = &claiming->lanes[i];
        if (is_first) {
            status = complete(claiming, lane, set, err);
            lane->claimed->is_drained = true;
            lane->wanted = lane->claimed->count + lane->claim->fresh_limit;
            lane->is_over = !claiming->has_queue;
        }
        if (!status && !lane->is_over)
            status = page_take(claiming, lane, set, err);
        lane->page.room = lane->claim->fresh_limit + 1;
        if (lane->page.room <= PAGE_LEAST)
            lane->page.room = PAGE_LEAST + 1;
    }
    contact_set_fini(set);
    return status;
}

static bool is_over(const struct claiming *claiming)
{
    for (size_t i = 0; i < claiming->lane_count; i++)
        if (!claiming->lanes[i].is_over)
            return false;
    return true;
}

/* Two round trips where the first rows of the lanes may be dialed. */
static enum status claim_all(struct claiming *claiming, struct error *err)
{
    struct contact_set set = {0};
    opening_send(claiming);
    enum status status = opening_receive(claiming, &set, err);
    if (status)
        contact_set_fini(&set);
    else
        status = rows_take(claiming, &set, true, err);
    while (!status && !is_over(claiming)) {
        set = (struct contact_set){0};
        pages_send(claiming);
        pg_sync(claiming->reader);
        status = pages_receive(claiming, &set, err);
        if (status)
            contact_set_fini(&set);
        else
            status = rows_take(claiming, &set, false, err);
    }
    return status;
}

static void claiming_fini(struct claiming *claiming)
{
    items_fini(&claiming->contact_windows);
    items_fini(&claiming->numbers);
    campaign_filter_fini(&claiming->filter);
    items_fini(&claiming->number_windows);
}

static void lane_open(struct claim_lane *lane, const struct claim *claim, struct arena *arena,
                      struct claimed *claimed)
{
    int32_t limit = claim->fresh_limit, room = limit > PAGE_LEAST ? limit : PAGE_LEAST;
    *claimed = (struct claimed){
        .candidates = arena_new(arena, (size_t)(claim->due_limit + limit) + 1,
                                sizeof(*claimed->candidates)),
    };
    *lane = (struct claim_lane){
        .claim = claim,
        .claimed = claimed,
        .after = claim->after,
        .page = {.rows = memory_new((size_t)room + 1, sizeof(*lane->page.rows)),
                 .room = limit + 1},
    };
}

enum status postgres_claim(void *self, const struct claim *claims, size_t count,
                           struct arena *arena, struct claimed *claimed, struct error *err)
{
    enum status status = dialer_claims_check(claims, count, err);
    if (status)
        return status;
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    struct claim_lane lanes[CLAIM_LANE_MAX];
    struct claiming claiming = {
        .reader = reader, .claim = claims, .lanes = lanes, .lane_count = count};
    for (size_t i = 0; i < count; i++)
        lane_open(&lanes[i], &claims[i], arena, &claimed[i]);
    status = claim_all(&claiming, err);
    for (size_t i = 0; i < count; i++)
        free(lanes[i].page.rows);
    claiming_fini(&claiming);
    return pg_read_end(reader, status);
}

enum status postgres_candidate_load(void *self, const struct claim *claim, struct contact_id id,
                                    struct candidate *candidate, struct error *err)
{
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    memset(candidate, 0, sizeof(*candidate));
    struct claiming claiming = {.reader = reader, .claim = claim};
    struct dialer_rows rows = claim_rows(&claiming);
    struct contact_set set = {0};
    contact_set_want(&set, id);
    enum status status = pg_filter_load(reader, claim->campaign, &claiming.filter, err);
    if (!status)
        status = load(&claiming, &set, err);
    const struct contact_entry *entry = contact_set_find(&set, id);
    if (!status && !entry)
        status = contact_missing(id, err);
    if (!status) {
        candidate->contact = entry->contact;
        candidate->filter_stamp = claiming.filter.stamp;
        candidate->is_outside_filter = entry->is_outside;
        status = dialer_candidate(&rows, claim, &candidate->contact, err);
    }
    contact_set_fini(&set);
    claiming_fini(&claiming);
    candidate->from = DUE_FRESH;
    candidate->due_column = -1;
    queue_rank(id, candidate->contact.priority, &candidate->position);
    return pg_read_end(reader, status);
}

enum status postgres_due_next(void *self, struct campaign_id campaign, struct wall now,
                              struct wall *at, struct error *err)
{
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    at->us = 0;
    enum status status = pg_get(
        reader, PG_DUE_NEXT, PG_VALUES(PG_INT(campaign.value), PG_INT(now.us)), &at->us, err);
    if (at->us == 0)
        at->us = INT64_MAX; /* min() of no rows is NULL */
    return pg_read_end(reader, status);
}
