#include "store/dialer.h"

#include <stdio.h>
#include <string.h>

void dialer_view(struct contact *contact, int64_t pass)
{
    if (contact->pass == pass)
        return;
    for (int32_t i = 0; i < contact->address_count; i++) {
        struct address *address = &contact->addresses[i];
        address->attempts = 0;
        address->state = ADDRESS_WAITING;
        memset(address->recalls, 0, sizeof(address->recalls));
    }
}

bool dialer_reopen(struct contact *contact, int64_t pass)
{
    if (contact->pass == pass ||
        (contact->state != CONTACT_DONE && contact->state != CONTACT_FAILED))
        return false;
    contact->state = CONTACT_WAITING;
    contact->next_try = (struct wall){0};
    contact->version++;
    return true;
}

enum status dialer_contact_put(const struct dialer_rows *rows, enum contact_state before,
                               const struct contact *contact, uint32_t addresses,
                               struct error *err)
{
    enum status status = rows->contact_put(rows->self, contact, addresses, err);
    if (status || before == contact->state)
        return status;
    return rows->state_count(rows->self, contact_list_of(contact->id), before, contact->state,
                             err);
}

static int32_t find_column(const struct contact *contact, int16_t column)
{
    for (int32_t i = 0; i < contact->address_count; i++)
        if (contact->addresses[i].column == column)
            return i;
    return -1;
}

struct zone_set_id dialer_due_zone(const struct contact *contact, int16_t column)
{
    int32_t index = find_column(contact, column);
    if (index >= 0)
        return contact->addresses[index].zone_set;
    for (int32_t i = 0; i < contact->address_count; i++)
        if (contact->addresses[i].number && contact->addresses[i].is_callable)
            return contact->addresses[i].zone_set;
    return (struct zone_set_id){0};
}

static enum status claim_check(const struct claim *claim, struct error *err)
{
    if (claim->fresh_limit < 0 || claim->fresh_limit > CLAIM_LIMIT_MAX ||
        claim->due_limit < 0 || claim->due_limit > CLAIM_LIMIT_MAX)
        return error_set(err, STATUS_INVALID, "limit", "a claim asks for at most %d contacts",
                         CLAIM_LIMIT_MAX);
    if (claim->dnc_list_count < 0 || claim->dnc_list_count > CAMPAIGN_DNC_MAX)
        return error_set(err, STATUS_INVALID, "dnc_lists", "at most %d do-not-contact lists",
                         CAMPAIGN_DNC_MAX);
    return STATUS_OK;
}

enum status dialer_claims_check(const struct claim *claims, size_t count, struct error *err)
{
    if (!count || count > CLAIM_LANE_MAX)
        return error_set(err, STATUS_INVALID, "", "from 1 to %d lanes are claimed together",
                         CLAIM_LANE_MAX);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count && !status; i++) {
        status = claim_check(&claims[i], err);
        if (!status && (claims[i].campaign.value != claims[0].campaign.value ||
                        claims[i].pass != claims[0].pass))
            status = error_set(err, STATUS_INVALID, "",
                               "lanes of several runs are claimed together");
    }
    return status;
}

static struct wall later_of(struct wall a, struct wall b)
{
    return a.us > b.us ? a : b;
}

static enum status candidate_address(const struct dialer_rows *rows, const struct claim *claim,
                                     struct wall counted_from, struct address *address,
                                     struct error *err)
{
    enum status status = STATUS_OK;
    address->attempts_in_window = 0;
    for (int32_t i = 0; i < claim->dnc_list_count && !status && !address->is_on_dnc; i++)
        if (!claim->dnc_columns[i])
            status = rows->dnc_has(rows->self, claim->dnc_lists[i], address->number, claim->now,
                                   &address->is_on_dnc, err);
    if (!status && claim->number_since.us)
        status = rows->attempts_since(rows->self, (struct contact_id){0}, address->number,
                                      later_of(claim->number_since, counted_from),
                                      &address->attempts_in_window, err);
    return status;
}

enum status dialer_candidate(const struct dialer_rows *rows, const struct claim *claim,
                             struct contact *contact, struct error *err)
{
    enum status status = STATUS_OK;
    dialer_view(contact, claim->pass);
    contact->attempts_in_window = 0;
    if (claim->contact_since.us)
        status = rows->attempts_since(rows->self, contact->id, 0,
                                      later_of(claim->contact_since, contact->counted_from),
                                      &contact->attempts_in_window, err);
    bool is_excluded = false;
    for (int32_t i = 0; i < claim->dnc_list_count && !status && !is_excluded; i++)
        if (claim->dnc_columns[i])
            status = rows->dnc_has_contact(rows->self, claim->dnc_lists[i], contact->id,
                                           (int16_t)(claim->dnc_columns[i] - 1), claim->now,
                                           &is_excluded, err);
    for (int32_t i = 0; i < contact->address_count; i++)
        contact->addresses[i].is_on_dnc = is_excluded;
    for (int32_t i = 0; i < contact->address_count && !status; i++)
        if (contact->addresses[i].number)
            status = candidate_address(rows, claim, contact->counted_from,
                                       &contact->addresses[i], err);
    return status;
}

static uint32_t all_addresses(const struct contact *contact)
{
    return (1u << contact->address_count) - 1;
}

/* --- Where a write came from -----------------------------------------------------------------
 */

static bool is_from_queue(const struct dialer_write *write)
{
    return write->from < DUE_CALLBACK_PERSONAL || write->from >= DUE_FRESH;
}

static struct due_row due_key(const struct dialer_write *write)
{
    return (struct due_row){
        .campaign = write->campaign,
        .due_class = write->from,
        .zone_set = write->zone_set,
        .at = write->due_from,
        .contact = write->contact,
        .column = -1,
    };
}

/* What the source says: is the row there, may it still be dialed? */
struct source {
    struct due_row due; /* where it came from the due table */
    bool is_there;
    bool is_first; /* the first dial of the pass, which a dial elsewhere makes void */
};

static enum status source_read(const struct dialer_rows *rows, const struct dialer_write *write,
                               struct source *source, struct error *err)
{
    *source = (struct source){.due = due_key(write), .is_there = true, .is_first = true};
    if (is_from_queue(write))
        return STATUS_OK;
    enum status status = rows->due_get(rows->self, &source->due, err);
    source->is_first = source->due.is_first;
    if (status != STATUS_NOT_FOUND)
        return status;
    source->is_there = false;
    return STATUS_OK;
}

static enum status source_consume(const struct dialer_rows *rows,
                                  const struct dialer_write *write, const struct source *source,
                                  struct error *err)
{
    if (is_from_queue(write))
        return write->position.contact.value ? rows->cursor_move(rows->self, write, err)
                                             : STATUS_OK;
    return source->is_there ? rows->due_remove(rows->self, &source->due, err) : STATUS_OK;
}

/* Whether the row was used up by a dial or a skip in this pass. */
static enum status source_is_void(const struct dialer_rows *rows,
                                  const struct dialer_write *write, const struct source *source,
                                  const struct contact *contact, bool *is_void,
                                  struct error *err)
{
    *is_void = !source->is_there;
    if (*is_void || !source->is_first)
        return STATUS_OK;
    *is_void = contact->pass == write->pass;
    if (*is_void)
        return STATUS_OK;
    return rows->was_dialed(rows->self, contact->id, write->pass, is_void, err);
}

/* Loads the contact and the source. *is_usable is false where the write is stale for good: then
 * the used-up row is removed. */
static enum status write_open(const struct dialer_rows *rows, const struct dialer_write *write,
                              struct contact *contact, struct source *source, bool *is_usable,
                              struct error *err)
{
    *is_usable = false;
    enum status status = source_read(rows, write, source, err);
    if (status)
        return status;
    status = rows->contact_get(rows->self, write->contact, contact, err);
    if (status == STATUS_NOT_FOUND)
        return source_consume(rows, write, source, err);
    if (status)
        return status;
    bool is_void;
    status = source_is_void(rows, write, source, contact, &is_void, err);
    if (status)
        return status;
    if (is_void)
        return source_consume(rows, write, source, err);
    *is_usable = true;
    return STATUS_OK;
}

/* --- Intent ----------------------------------------------------------------------------------
 */

static enum status cap_reached(const struct dialer_rows *rows, struct contact_id contact,
                               int64_t number, struct wall since, int32_t cap, bool *is_stale,
                               struct error *err)
{
    if (*is_stale || cap <= 0 || since.us == 0)
        return STATUS_OK;
    int32_t count = 0;
    enum status status = rows->attempts_since(rows->self, contact, number, since, &count, err);
    *is_stale = count >= cap;
    return status;
}

/* Versions, the filter, do-not-contact and caps once more, inside the transaction. */
static enum status intent_probe(const struct dialer_rows *rows,
                                const struct dialer_write *write, const struct contact *contact,
                                bool *is_stale, struct error *err)
{
    int32_t index = find_column(contact, write->column);
    *is_stale = contact->version != write->expected_version || index < 0 ||
                contact->addresses[index].number != write->number;
    if (!*is_stale) {
        int64_t stamp = 0;
        enum status status = rows->filter_stamp(rows->self, write->campaign, &stamp, err);
        if (status)
            return status;
        *is_stale = stamp != write->filter_stamp;
    }
    for (int32_t i = 0; i < write->dnc_list_count && !*is_stale; i++) {
        enum status status =
            write->dnc_columns[i]
                ? rows->dnc_has_contact(rows->self, write->dnc_lists[i], contact->id,
                                        (int16_t)(write->dnc_columns[i] - 1), write->at,
                                        is_stale, err)
                : rows->dnc_has(rows->self, write->dnc_lists[i], write->number, write->at,
                                is_stale, err);
        if (status)
            return status;
    }
    struct wall contact_since = {0}, number_since = {0};
    if (write->contact_since.us)
        contact_since = later_of(write->contact_since, contact->counted_from);
    if (write->number_since.us)
        number_since = later_of(write->number_since, contact->counted_from);
    enum status status =
        cap_reached(rows, write->contact, 0, contact_since, write->contact_cap, is_stale, err);
    if (status)
        return status;
    return cap_reached(rows, (struct contact_id){0}, write->number, number_since,
                       write->number_cap, is_stale, err);
}

static enum status return_to_top(const struct dialer_rows *rows,
                                 const struct dialer_write *write, const struct source *source,
                                 struct error *err)
{
    enum status status = source_consume(rows, write, source, err);
    if (status)
        return status;
    struct due_row row = source->due;
    row.due_class = DUE_TOP;
    row.at = write->at;
    row.pass = write->pass;
    row.is_first = source->is_first;
    return rows->due_put(rows->self, &row, err);
}

static enum status intent_count(const struct dialer_rows *rows,
                                const struct dialer_write *write, struct error *err)
{
    bool was = false;
    enum status status = rows->was_dialed(rows->self, write->contact, write->pass, &was, err);
    if (!status && !was)
        status = rows->count(rows->self, write->campaign, write->pass, COUNT_CALLED, err);
    if (!status)
        status = rows->count(rows->self, write->campaign, write->pass, COUNT_ATTEMPTS, err);
    return status;
}

static enum status intent_write(const struct dialer_rows *rows,
                                const struct dialer_write *write, int32_t cell, int64_t epoch,
                                struct contact *contact, struct error *err)
{
    uint32_t changed = contact->pass == write->pass ? 0 : all_addresses(contact);
    enum contact_state before = contact->state;
    dialer_view(contact, write->pass);
    contact->pass = write->pass;
    contact->state = CONTACT_RUNNING;
    contact->next_try = (struct wall){0};
    contact->is_put_back = false;
    contact->touched_at = write->at;
    contact->version++;
    int32_t index = find_column(contact, write->column);
    contact->addresses[index].attempts++;
    contact->addresses[index].last_at = write->at;
    enum status status = dialer_contact_put(rows, before, contact, changed | 1u << index, err);
    if (!status)
        status = intent_count(rows, write, err);
    if (!status)
        status = rows->attempt_put(rows->self, write, epoch, err);
    struct running_row running = {
        .call = write->call,
        .cell = cell,
        .campaign = write->campaign,
        .contact = write->contact,
        .pass = write->pass,
        .column = write->column,
    };
    if (!status)
        status = rows->running_put(rows->self, &running, err);
    return status;
}

static enum status intent_apply(const struct dialer_rows *rows,
                                const struct dialer_write *write, int32_t cell, int64_t epoch,
                                enum dialer_result *result, struct error *err)
{
    struct contact contact;
    struct source source;
    bool is_usable, is_ended, is_stale;
    *result = WRITE_STALE;
    enum status status = rows->attempt_get(rows->self, write->call, &is_ended, err);
    if (status != STATUS_NOT_FOUND)
        return status;
    status = write_open(rows, write, &contact, &source, &is_usable, err);
    if (status || !is_usable || contact.state != CONTACT_WAITING)
        return status;
    status = intent_probe(rows, write, &contact, &is_stale, err);
    if (status)
        return status;
    if (is_stale)
        return return_to_top(rows, write, &source, err);
    status = source_consume(rows, write, &source, err);
    if (!status)
        status = intent_write(rows, write, cell, epoch, &contact, err);
    *result = WRITE_COMMITTED;
    return status;
}

/* --- End and wrap-up
 * --------------------------------------------------------------------------- */

static uint32_t schedule_next(struct contact *contact, int32_t next)
{
    uint32_t changed = 0;
    for (int32_t i = 0; i < contact->address_count && next >= 0; i++) {
        struct address *address = &contact->addresses[i];
        enum address_state wanted = address->state;
        if (i == next)
            wanted = wanted == ADDRESS_RESCHEDULED ? wanted : ADDRESS_SCHEDULED;
        else if (wanted == ADDRESS_SCHEDULED)
            wanted = ADDRESS_WAITING;
        if (wanted != address->state)
            changed |= 1u << i;
        address->state = wanted;
    }
    return changed;
}

/* Applies a change; returns the addresses that changed. An address whose number was edited
 * meanwhile is another one, and is left alone. */
static uint32_t contact_apply(struct contact *contact, const struct contact_change *change)
{
    uint32_t changed = 0;
    contact->state = change->state;
    contact->is_callable = change->is_callable;
    int32_t index =
        change->address_index >= 0 ? find_column(contact, change->address.column) : -1;
    if (index >= 0 && contact->addresses[index].number == change->address.number) {
        /* Where it is may have been edited meanwhile. */
        const struct address stored = contact->addresses[index];
        contact->addresses[index] = change->address;
        contact->addresses[index].zone_set = stored.zone_set;
        contact->addresses[index].is_zone_given = stored.is_zone_given;
        changed |= 1u << index;
    }
    contact->version++;
    return changed | schedule_next(contact, change->next_index);
}

static enum status due_add(const struct dialer_rows *rows, const struct dialer_write *write,
                           struct zone_set_id zone_set, bool is_first, struct error *err)
{
    if (write->due_class < DUE_CALLBACK_PERSONAL || write->due_class >= DUE_FRESH)
        return STATUS_OK;
    struct due_row row = {
        .campaign = write->campaign,
        .due_class = write->due_class,
        .zone_set = zone_set,
        .at = write->due_at,
        .contact = write->contact,
        .column = write->due_column,
        .pass = write->pass,
        .is_first = is_first,
    };
    return rows->due_put(rows->self, &row, err);
}

/* The contact after END or WRAPUP, unless another call has it by now. */
static enum status call_settle(const struct dialer_rows *rows, const struct dialer_write *write,
                               struct error *err)
{
    struct running_row running;
    enum status status = rows->running_get(rows->self, write->call, &running, err);
    if (status && status != STATUS_NOT_FOUND)
        return status;
    bool is_held = status == STATUS_OK;
    struct contact contact;
    status = rows->contact_get(rows->self, write->contact, &contact, err);
    if (status == STATUS_NOT_FOUND)
        return is_held ? rows->running_remove(rows->self, write->call, err) : STATUS_OK;
    if (status || (!is_held && (contact.state == CONTACT_RUNNING ||
                                write->change.state == CONTACT_RUNNING)))
        return status;
    enum contact_state before = contact.state;
    uint32_t changed = contact_apply(&contact, &write->change);
    contact.next_try = write->due_class ? write->due_at : (struct wall){0};
    contact.touched_at = write->at;
    if (write->kind == DIALER_WRAPUP)
        contact.disposition = write->wrapup;
    status = dialer_contact_put(rows, before, &contact, changed, err);
    if (!status && is_held && contact.state == CONTACT_RUNNING) {
        running.is_ended = true;
        status = rows->running_put(rows->self, &running, err);
    } else if (!status && is_held) {
        status = rows->running_remove(rows->self, write->call, err);
    }
    if (status)
        return status;
    return due_add(rows, write, dialer_due_zone(&contact, write->due_column), false, err);
}

static enum status end_apply(const struct dialer_rows *rows, const struct dialer_write *write,
                             enum dialer_result *result, struct error *err)
{
    bool is_ended = false;
    *result = WRITE_STALE;
    enum status status = rows->attempt_get(rows->self, write->call, &is_ended, err);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    *result = WRITE_COMMITTED;
    if (status || is_ended)
        return status;
    status = rows->end_put(rows->self, write, err);
    char name[COUNT_NAME_SIZE];
    snprintf(name, sizeof(name), COUNT_OUTCOME "%s", outcome_name(write->outcome));
    if (!status)
        status = rows->count(rows->self, write->campaign, write->pass, name, err);
    return status ? status : call_settle(rows, write, err);
}

static enum status wrapup_apply(const struct dialer_rows *rows,
                                const struct dialer_write *write, enum dialer_result *result,
                                struct error *err)
{
    bool is_ended;
    *result = WRITE_STALE;
    enum status status = rows->attempt_get(rows->self, write->call, &is_ended, err);
    if (status)
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    *result = WRITE_COMMITTED;
    status = rows->wrapup_put(rows->self, write, err);
    return status ? status : call_settle(rows, write, err);
}

/* --- Not now, not in this pass
 * ------------------------------------------------------------------ */

static enum status defer_apply(const struct dialer_rows *rows, const struct dialer_write *write,
                               enum dialer_result *result, struct error *err)
{
    struct contact contact;
    struct source source;
    bool is_usable;
    *result = WRITE_STALE;
    enum status status = write_open(rows, write, &contact, &source, &is_usable, err);
    if (status || !is_usable)
        return status;
    *result = WRITE_COMMITTED;
    status = source_consume(rows, write, &source, err);
    struct zone_set_id zone_set = write->zone_set;
    if (find_column(&contact, write->due_column) >= 0)
        zone_set = dialer_due_zone(&contact, write->due_column);
    return status ? status : due_add(rows, write, zone_set, source.is_first, err);
}

static enum status skip_apply(const struct dialer_rows *rows, const struct dialer_write *write,
                              enum dialer_result *result, struct error *err)
{
    struct contact contact;
    struct source source;
    bool is_usable;
    *result = WRITE_STALE;
    enum status status = write_open(rows, write, &contact, &source, &is_usable, err);
    if (status || !is_usable || contact.state == CONTACT_RUNNING)
        return status;
    *result = WRITE_COMMITTED;
    status = source_consume(rows, write, &source, err);
    uint32_t changed = contact.pass == write->pass ? 0 : all_addresses(&contact);
    enum contact_state before = contact.state;
    dialer_view(&contact, write->pass);
    changed |= contact_apply(&contact, &write->change);
    contact.pass = write->pass;
    if (!status)
        status = dialer_contact_put(rows, before, &contact, changed, err);
    char name[COUNT_NAME_SIZE];
    snprintf(name, sizeof(name), COUNT_SKIP "%.31s", write->reason);
    return status ? status : rows->count(rows->self, write->campaign, write->pass, name, err);
}

enum status dialer_apply(const struct dialer_rows *rows, const struct dialer_write *write,
                         int32_t cell, int64_t epoch, enum dialer_result *result,
                         struct error *err)
{
    switch (write->kind) {
    case DIALER_INTENT: return intent_apply(rows, write, cell, epoch, result, err);
    case DIALER_END: return end_apply(rows, write, result, err);
    case DIALER_WRAPUP: return wrapup_apply(rows, write, result, err);
    case DIALER_DEFER: return defer_apply(rows, write, result, err);
    case DIALER_SKIP: return skip_apply(rows, write, result, err);
    case DIALER_RUN: break;
    }
    struct campaign_run run = {
        .campaign = write->campaign, .status = write->status, .pass = write->pass};
    *result = WRITE_COMMITTED;
    return rows->run_put(rows->self, &run, err);
}

/* --- After a crash
 * -------------------------------------------------------------------------------- */

static enum status release_end(const struct dialer_rows *rows, const struct running_row *row,
                               struct wall now, struct error *err)
{
    struct dialer_write end = {
        .kind = DIALER_END,
        .campaign = row->campaign,
        .pass = row->pass,
        .contact = row->contact,
        .call = row->call,
        .at = now,
        .outcome = OUTCOME_LOST,
        .ended_at = now,
    };
    enum status status = rows->end_put(rows->self, &end, err);
    if (status)
        return status;
    return rows->count(rows->self, row->campaign, row->pass, COUNT_OUTCOME "lost", err);
}

enum status dialer_release(const struct dialer_rows *rows, const struct running_row *row,
                           struct wall now, struct error *err)
{
    enum status status = row->is_ended ? STATUS_OK : release_end(rows, row, now, err);
    if (!status)
        status = rows->running_remove(rows->self, row->call, err);
    struct contact contact;
    if (!status)
        status = rows->contact_get(rows->self, row->contact, &contact, err);
    if (status)
        return status == STATUS_NOT_FOUND ? STATUS_OK : status;
    if (contact.state != CONTACT_RUNNING)
        return STATUS_OK;
    uint32_t changed = 0;
    int32_t index = find_column(&contact, row->column);
    if (index >= 0 && !row->is_ended) {
        contact.addresses[index].last_outcome = OUTCOME_LOST;
        changed = 1u << index;
    }
    contact.state = CONTACT_WAITING;
    contact.version++;
    return dialer_contact_put(rows, CONTACT_RUNNING, &contact, changed, err);
}
