/* Claiming: a read of due rows, then of the queue behind the cursor. */
#include "store/contact.h"
#include "store/queue.h"
#include "store/sqlite/connection.h"

struct claiming {
    struct connection *reader;
    struct dialer_rows rows;
    const struct claim *claim;
    struct claimed *claimed;
    struct queue_order order;
    bool has_queue;
    struct campaign_filter filter;
};

/* Whether the campaign's filter means the candidate, as it is now. */
static enum status filter_mark(struct connection *reader, const struct campaign_filter *filter,
                               struct wall now, struct candidate *candidate, struct error *err)
{
    bool passes = true;
    enum status status =
        sqlite_filter_passes(reader, filter, &candidate->contact, now, &passes, err);
    candidate->is_outside_filter = !passes;
    candidate->filter_stamp = filter->stamp;
    return status;
}

/* Whether the contact may be dialed from a row; fills the candidate where it may. */
static enum status look_at(struct claiming *claiming, struct contact_id id, bool is_first,
                           struct candidate *candidate, bool *is_open, struct error *err)
{
    bool is_used = false;
    *is_open = false;
    enum status status = sqlite_contact_get_hot(claiming->reader, id, &candidate->contact, err);
    if (status || candidate->contact.state != CONTACT_WAITING)
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    if (is_first)
        status = sqlite_was_used(claiming->reader, &candidate->contact, claiming->claim->pass,
                                 &is_used, err);
    if (status || is_used)
        return status;
    *is_open = true;
    return filter_mark(claiming->reader, &claiming->filter, claiming->claim->now, candidate,
                       err);
}

static enum status claim_class(struct claiming *claiming, enum due_class due_class,
                               struct error *err)
{
    const struct claim *claim = claiming->claim;
    struct claimed *claimed = claiming->claimed;
    enum status status = STATUS_OK;
    struct rows rows =
        sql_start(claiming->reader, SQL_DUE_CLAIM,
                  SQL_VALUES(SQL_INT(claim->campaign.value), SQL_INT(due_class),
                             SQL_INT(claim->zone_set.value), SQL_INT(claim->now.us)));
    while (!status && claimed->count < claim->due_limit && rows_next(&rows)) {
        struct candidate *candidate = &claimed->candidates[claimed->count];
        bool is_open;
        status = look_at(claiming, (struct contact_id){sqlite3_column_int64(rows.statement, 1)},
                         sqlite3_column_int(rows.statement, 3) != 0, candidate, &is_open, err);
        if (status || !is_open)
            continue;
        candidate->from = due_class;
        candidate->due_at.us = sqlite3_column_int64(rows.statement, 0);
        candidate->due_column = (int16_t)sqlite3_column_int(rows.statement, 2);
        status = dialer_candidate(&claiming->rows, claim, &candidate->contact, err);
        claimed->count++;
    }
    enum status ended = rows_end(&rows, err);
    return status ? status : ended;
}

static enum status cursor_get(struct claiming *claiming, struct queue_position *after,
                              struct error *err)
{
    const struct claim *claim = claiming->claim;
    *after = claim->after;
    if (after->rank_len >= 0)
        return STATUS_OK;
    memset(after, 0, sizeof(*after));
    struct rows rows =
        sql_start(claiming->reader, SQL_LANE_GET,
                  SQL_VALUES(SQL_INT(claim->campaign.value), SQL_INT(claim->zone_set.value)));
    if (rows_next(&rows)) {
        int len = sqlite3_column_bytes(rows.statement, 0);
        after->rank_len = len > QUEUE_RANK_MAX ? QUEUE_RANK_MAX : len;
        if (len > 0)
            memcpy(after->rank, sqlite3_column_blob(rows.statement, 0),
                   (size_t)after->rank_len);
        after->contact.value = sqlite3_column_int64(rows.statement, 1);
    }
    return rows_end(&rows, err);
}

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

static enum status claim_row(struct claiming *claiming, struct rows *rows, int32_t wanted,
                             struct error *err)
{
    struct claimed *claimed = claiming->claimed;
    struct queue_position position = {0};
    int len = sqlite3_column_bytes(rows->statement, 0);
    position.rank_len = len > QUEUE_RANK_MAX ? QUEUE_RANK_MAX : len;
    if (len > 0)
        memcpy(position.rank, sqlite3_column_blob(rows->statement, 0),
               (size_t)position.rank_len);
    position.contact.value = sqlite3_column_int64(rows->statement, 1);
    if (claimed->count == wanted) {
        claimed->is_drained = false;
        return STATUS_OK;
    }
    struct candidate *candidate = &claimed->candidates[claimed->count];
    bool is_open;
    enum status status = look_at(claiming, position.contact, true, candidate, &is_open, err);
    if (status || !is_open || !is_placed(claiming, &candidate->contact, &position))
        return status;
    candidate->from = DUE_FRESH;
    candidate->position = position;
    candidate->due_column = -1;
    claimed->count++;
    return dialer_candidate(&claiming->rows, claiming->claim, &candidate->contact, err);
}

static enum status claim_fresh(struct claiming *claiming, struct error *err)
{
    const struct claim *claim = claiming->claim;
    struct queue_position after;
    claiming->claimed->is_drained = true;
    if (!claiming->has_queue)
        return STATUS_OK;
    enum status status = cursor_get(claiming, &after, err);
    if (status)
        return status;
    int32_t wanted = claiming->claimed->count + claim->fresh_limit;
    struct rows rows = sql_start(
        claiming->reader, SQL_QUEUE_CLAIM,
        SQL_VALUES(SQL_INT(claim->campaign.value), SQL_INT(claim->zone_set.value),
                   SQL_BYTES(after.rank, after.rank_len), SQL_INT(after.contact.value)));
    while (!status && claiming->claimed->is_drained && rows_next(&rows))
        status = claim_row(claiming, &rows, wanted, err);
    enum status ended = rows_end(&rows, err);
    return status ? status : ended;
}

static enum status claim_lane(struct connection *reader, const struct claim *claim,
                              struct arena *arena, struct claimed *claimed, struct error *err)
{
    memset(claimed, 0, sizeof(*claimed));
    /* One more than asked: a row is read into the next place before it is known to count. */
    claimed->candidates = arena_new(arena, (size_t)(claim->due_limit + claim->fresh_limit) + 1,
                                    sizeof(*claimed->candidates));
    struct claiming claiming = {
        .reader = reader, .rows = sqlite_rows(reader), .claim = claim, .claimed = claimed};
    enum status status = sqlite_filter_load(reader, claim->campaign, &claiming.filter, err);
    for (enum due_class class = DUE_CALLBACK_PERSONAL; class < DUE_FRESH && !status; class ++)
        status = claim_class(&claiming, class, err);
    if (!status)
        status = sqlite_build_order(reader, claim, &claiming.order, &claiming.has_queue, err);
    if (!status)
        status = claim_fresh(&claiming, err);
    campaign_filter_fini(&claiming.filter);
    return status;
}

enum status sqlite_claim(void *self, const struct claim *claims, size_t count,
                         struct arena *arena, struct claimed *claimed, struct error *err)
{
    enum status status = dialer_claims_check(claims, count, err);
    if (status)
        return status;
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    for (size_t i = 0; i < count && !status; i++)
        status = claim_lane(reader, &claims[i], arena, &claimed[i], err);
    return read_end(reader, status);
}

enum status sqlite_candidate_load(void *self, const struct claim *claim, struct contact_id id,
                                  struct candidate *candidate, struct error *err)
{
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    memset(candidate, 0, sizeof(*candidate));
    struct dialer_rows rows = sqlite_rows(reader);
    struct campaign_filter filter;
    enum status status = sqlite_filter_load(reader, claim->campaign, &filter, err);
    if (!status)
        status = sqlite_contact_get_hot(reader, id, &candidate->contact, err);
    if (status == STATUS_NOT_FOUND)
        status = contact_missing(id, err);
    if (!status)
        status = filter_mark(reader, &filter, claim->now, candidate, err);
    campaign_filter_fini(&filter);
    if (!status)
        status = dialer_candidate(&rows, claim, &candidate->contact, err);
    candidate->from = DUE_FRESH;
    candidate->due_column = -1;
    queue_rank(id, candidate->contact.priority, &candidate->position);
    return read_end(reader, status);
}

enum status sqlite_due_next(void *self, struct campaign_id campaign, struct wall now,
                            struct wall *at, struct error *err)
{
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    at->us = 0;
    enum status status =
        sql_get(reader, SQL_DUE_NEXT, SQL_VALUES(SQL_INT(campaign.value), SQL_INT(now.us)),
                &at->us, err);
    if (at->us == 0)
        at->us = INT64_MAX; /* min() of no rows is NULL */
    return read_end(reader, status);
}
