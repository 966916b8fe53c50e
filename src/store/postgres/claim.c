/* Claiming: a read of due rows, then of the queue behind the cursor. */
#include <stdlib.h>

#include "store/contact.h"
#include "store/postgres/build.h"
#include "store/postgres/items.h"

#define PAGE_LEAST                                                                             \
    64 /* rows of the queue that are read at once where the first were no use                  \
        */

struct claiming {
    struct pg_connection *reader;
    const struct claim *claim;
    struct claimed *claimed;
    struct queue_order order;
    bool has_queue;
    struct queue_position after;
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

/* --- Due rows
 * -------------------------------------------------------------------------------------- */

struct page {
    struct {
        struct queue_position position;
        bool is_open;
    } * rows;
    int32_t count, room;
};

/* Rows of the queue behind the claim's position, or behind the stored cursor. */
static void page_send(struct claiming *claiming, const struct page *page)
{
    const struct claim *claim = claiming->claim;
    struct pg_value campaign = PG_INT(claim->campaign.value);
    struct pg_value zone_set = PG_INT(claim->zone_set.value);
    struct pg_value pass = PG_INT(claim->pass), room = PG_INT(page->room);
    if (claiming->after.rank_len < 0)
        pg_send(claiming->reader, PG_CLAIM_CURSOR, PG_VALUES(campaign, zone_set, pass, room));
    else
        pg_send(claiming->reader, PG_CLAIM_QUEUE,
                PG_VALUES(campaign, zone_set, pass, room,
                          PG_BLOB(claiming->after.rank, claiming->after.rank_len),
                          PG_INT(claiming->after.contact.value)));
}

/* The first round trip: due rows, the build, the first page of the queue. */
static void opening_send(struct claiming *claiming, const struct page *page)
{
    const struct claim *claim = claiming->claim;
    struct pg_value campaign = PG_INT(claim->campaign.value);
    struct pg_value zone_set = PG_INT(claim->zone_set.value);
    pg_send(claiming->reader, PG_CLAIM_DUE,
            PG_VALUES(campaign, zone_set, PG_INT(claim->pass), PG_INT(claim->now.us),
                      PG_INT(claim->due_limit)));
    pg_send(claiming->reader, PG_BUILD_GET, PG_VALUES(campaign));
    page_send(claiming, page);
    pg_send(claiming->reader, PG_FILTER_GET, PG_VALUES(campaign));
    pg_sync(claiming->reader);
}

static void position_read(const struct pg_rows *rows, struct queue_position *position)
{
    size_t len;
    const void *rank = pg_bytes(rows, 0, &len);
    memset(position, 0, sizeof(*position));
    position->rank_len = (int32_t)(len > QUEUE_RANK_MAX ? QUEUE_RANK_MAX : len);
    memcpy(position->rank, rank, (size_t)position->rank_len);
    position->contact.value = pg_int(rows, 1);
}

static enum status page_receive(struct claiming *claiming, struct page *page,
                                struct contact_set *set, struct error *err)
{
    page->count = 0;
    struct pg_rows rows = pg_receive(claiming->reader);
    while (page->count < page->room && pg_next(&rows)) {
        position_read(&rows, &page->rows[page->count].position);
        page->rows[page->count].is_open = pg_bool(&rows, 2);
        if (page->rows[page->count].is_open && claiming->has_queue)
            contact_set_want(set, page->rows[page->count].position.contact);
        page->count++;
    }
    return pg_end(&rows, err);
}

static enum status opening_receive(struct claiming *claiming, struct page *page,
                                   struct contact_set *set, struct error *err)
{
    const struct claim *claim = claiming->claim;
    struct claimed *claimed = claiming->claimed;
    struct pg_rows rows = pg_receive(claiming->reader);
    while (claimed->count < claim->due_limit && pg_next(&rows)) {
        struct candidate *candidate = &claimed->candidates[claimed->count++];
        candidate->from = (enum due_class)pg_int(&rows, 0);
        candidate->due_at.us = pg_int(&rows, 1);
        candidate->contact.id.value = pg_int(&rows, 2);
        candidate->due_column = (int16_t)pg_int(&rows, 3);
        contact_set_want(set, candidate->contact.id);
    }
    enum status status = pg_end(&rows, err);
    if (status)
        return status;
    rows = pg_receive(claiming->reader);
    if (pg_next(&rows)) {
        struct build_row build;
        build_read(&rows, &build);
        claiming->order = build.order;
        claiming->has_queue =
            build.order.pass == claim->pass && build.stage != QUEUE_STAGE_CLEAR;
    }
    status = pg_end(&rows, err);
    if (status)
        return status;
    status = page_receive(claiming, page, set, err);
    return status ? status : pg_filter_receive(claiming->reader, &claiming->filter, err);
}

/* Fills the due candidates with their contacts. */
static enum status complete(struct claiming *claiming, const struct contact_set *set,
                            struct error *err)
{
    struct claimed *claimed = claiming->claimed;
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

/* --- Fresh rows
 * ------------------------------------------------------------------------------------ */

/* An edit may have moved the contact to another lane or rank: then another row stands for it.
 */
static bool is_placed(const struct claiming *claiming, const struct contact *contact,
                      const struct queue_position *position)
{
    struct queue_position now;
    struct zone_set_id zones[ADDRESS_MAX];
    queue_rank(contact->id, contact->priority, &now);
    if (queue_compare(&now, position) != 0)
        return false;
    int32_t count = queue_zones(contact, &claiming->order, zones);
    for (int32_t i = 0; i < count; i++)
        if (zones[i].value == claiming->claim->zone_set.value)
            return true;
    return false;
}

/* Candidates of a page whose contacts are in the set; *is_over when enough was found or the
 * lane ended. */
static enum status page_take(struct claiming *claiming, const struct page *page,
                             const struct contact_set *set, int32_t wanted, bool *is_over,
                             struct error *err)
{
    struct claimed *claimed = claiming->claimed;
    struct dialer_rows dialer = claim_rows(claiming);
    enum status status = STATUS_OK;
    *is_over = page->count < page->room;
    for (int32_t i = 0; i < page->count && !status; i++) {
        const struct queue_position *position = &page->rows[i].position;
        if (claimed->count == wanted) {
            claimed->is_drained = false;
            *is_over = true;
            break;
        }
        claiming->after = *position;
        const struct contact_entry *entry =
            page->rows[i].is_open ? contact_set_find(set, position->contact) : NULL;
        if (!entry || !is_placed(claiming, &entry->contact, position))
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

static enum status page_next(struct claiming *claiming, struct page *page, int32_t wanted,
                             bool *is_over, struct error *err)
{
    struct contact_set set = {0};
    page_send(claiming, page);
    pg_sync(claiming->reader);
    enum status status = page_receive(claiming, page, &set, err);
    if (!status && set.count)
        status = load(claiming, &set, err);
    if (!status)
        status = page_take(claiming, page, &set, wanted, is_over, err);
    contact_set_fini(&set);
    return status;
}

/* Two round trips where the first rows of the lane may be dialed. */
static enum status claim_all(struct claiming *claiming, struct error *err)
{
    int32_t limit = claiming->claim->fresh_limit;
    int32_t room = (limit > PAGE_LEAST ? limit : PAGE_LEAST) + 1;
    struct page page = {.room = limit + 1};
    struct contact_set set = {0};
    bool is_over = true;
    page.rows = memory_new((size_t)room, sizeof(*page.rows));
    claiming->after = claiming->claim->after;
    opening_send(claiming, &page);
    enum status status = opening_receive(claiming, &page, &set, err);
    if (!status && set.count)
        status = load(claiming, &set, err);
    if (!status)
        status = complete(claiming, &set, err);
    claiming->claimed->is_drained = true;
    int32_t wanted = claiming->claimed->count + limit;
    if (!status && claiming->has_queue)
        status = page_take(claiming, &page, &set, wanted, &is_over, err);
    contact_set_fini(&set);
    page.room = room;
    while (!status && !is_over)
        status = page_next(claiming, &page, wanted, &is_over, err);
    free(page.rows);
    return status;
}

static void claiming_fini(struct claiming *claiming)
{
    items_fini(&claiming->contact_windows);
    items_fini(&claiming->numbers);
    campaign_filter_fini(&claiming->filter);
    items_fini(&claiming->number_windows);
}

enum status postgres_claim(void *self, const struct claim *claim, struct arena *arena,
                           struct claimed *claimed, struct error *err)
{
    enum status status = dialer_claim_check(claim, err);
    if (status)
        return status;
    memset(claimed, 0, sizeof(*claimed));
    struct pg_connection *reader = pg_read_begin(self, err);
    if (!reader)
        return pg_unavailable(err);
    claimed->candidates = arena_new(arena, (size_t)(claim->due_limit + claim->fresh_limit) + 1,
                                    sizeof(*claimed->candidates));
    struct claiming claiming = {.reader = reader, .claim = claim, .claimed = claimed};
    status = claim_all(&claiming, err);
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
