/* Contact management: rows for store/manage.h, and what is read back of a contact's history. */
#include "store/queue.h"
#include "store/sqlite/connection.h"

static enum status queues_of(void *self, const struct contact *contact,
                             struct manage_queue queues[MANAGE_QUEUES_MAX], size_t *count,
                             struct error *err)
{
    *count = 0;
    struct rows rows = sql_start(
        self, SQL_BUILDS_OVER,
        SQL_VALUES(SQL_INT(contact_list_of(contact->id).value), SQL_INT(contact->id.value)));
    while (*count < MANAGE_QUEUES_MAX && rows_next(&rows))
        queues[(*count)++] = (struct manage_queue){
            .campaign = {sqlite3_column_int64(rows.statement, 0)},
            .pass = sqlite3_column_int64(rows.statement, 1),
            .is_covered = sqlite3_column_int(rows.statement, 2) != 0,
        };
    enum status status = rows_end(&rows, err);
    for (size_t i = 0; i < *count && !status; i++)
        status = sqlite_was_used(self, contact, queues[i].pass, &queues[i].is_used, err);
    return status;
}

static enum status due_has(void *self, struct campaign_id campaign, struct contact_id contact,
                           bool *has, struct error *err)
{
    int64_t one;
    enum status status =
        sql_get(self, SQL_DUE_HAS, SQL_VALUES(SQL_INT(contact.value), SQL_INT(campaign.value)),
                &one, err);
    *has = status == STATUS_OK;
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

static enum status due_drop(void *self, struct contact_id contact, struct error *err)
{
    return sql_run(self, SQL_DUE_DELETE_CONTACT, SQL_VALUES(SQL_INT(contact.value)), err);
}

static enum status queue_edited(void *self, const struct contact *contact, struct error *err)
{
    return sqlite_queue_edited(self, contact, contact->touched_at, err);
}

static enum status event_put(void *self, struct contact_id contact,
                             const struct contact_event *event, struct error *err)
{
    return sql_run(
        self, SQL_EVENT_INSERT,
        SQL_VALUES(SQL_INT(contact.value), SQL_INT(event->kind), SQL_INT(event->at.us),
                   SQL_INT(event->actor.kind), SQL_INT(event->actor.id), SQL_INT(event->act),
                   SQL_INT(event->state), SQL_TEXT(event->before), SQL_TEXT(event->note)),
        err);
}

struct manage_rows sqlite_manage_rows(struct connection *connection)
{
    return (struct manage_rows){
        .dialer = sqlite_rows(connection),
        .queues_of = queues_of,
        .due_has = due_has,
        .due_drop = due_drop,
        .queue_edited = queue_edited,
        .event_put = event_put,
    };
}

/* --- The port
 * ------------------------------------------------------------------------------------ */

enum status sqlite_contacts_act(void *self, enum store_priority priority,
                                const struct contact_action *action,
                                const struct contact_id *ids, size_t count,
                                struct contact_action_result *result, struct error *err)
{
    struct store_sqlite *store = self;
    struct contact_action_result done = {0};
    enum status status = manage_check(count, err);
    if (!status)
        status = write_begin(store, priority, err);
    if (status)
        return status;
    struct manage_rows rows = sqlite_manage_rows(&store->writer);
    for (size_t i = 0; i < count && !status; i++)
        status = manage_act(&rows, action, ids[i], &done, err);
    status = write_end(store, status, err);
    if (!status)
        *result = done;
    return status;
}

enum status sqlite_contact_states(void *self, struct list_id list,
                                  struct contact_state_counts *counts, struct error *err)
{
    memset(counts, 0, sizeof(*counts));
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    int64_t total = 0, others = 0;
    enum status status =
        sql_get(reader, SQL_LIST_SIZE, SQL_VALUES(SQL_INT(list.value)), &total, err);
    if (status == STATUS_NOT_FOUND)
        status = STATUS_OK; /* nothing was ever added */
    struct rows rows = sql_start(reader, SQL_STATE_COUNTS, SQL_VALUES(SQL_INT(list.value)));
    while (!status && rows_next(&rows)) {
        int64_t state = sqlite3_column_int64(rows.statement, 0);
        if (state <= CONTACT_WAITING || state >= CONTACT_STATE_COUNT)
            continue;
        counts->counts[state] = sqlite3_column_int64(rows.statement, 1);
        others += counts->counts[state];
    }
    enum status ended = rows_end(&rows, err);
    counts->counts[CONTACT_WAITING] = total - others;
    return read_end(reader, status ? status : ended);
}

static void event_read(struct rows *rows, struct arena *arena, struct contact_event *event)
{
    sqlite3_stmt *row = rows->statement;
    int state = sqlite3_column_int(row, 5);
    *event = (struct contact_event){
        .kind = (enum contact_event_kind)sqlite3_column_int(row, 0),
        .at = {sqlite3_column_int64(row, 1)},
        .actor = {(enum entity_kind)sqlite3_column_int(row, 2), sqlite3_column_int64(row, 3)},
        .act = (enum contact_act)sqlite3_column_int(row, 4),
        .state = state >= 0 && state < CONTACT_STATE_COUNT ? (enum contact_state)state
                                                           : CONTACT_STATE_COUNT,
        .before = rows_text(rows, 6, arena),
        .note = rows_text(rows, 7, arena),
        .call = {sqlite3_column_int64(row, 8)},
        .campaign = {sqlite3_column_int64(row, 9)},
        .agent = {sqlite3_column_int64(row, 10)},
        .number = sqlite3_column_int64(row, 11),
        .column = (int16_t)sqlite3_column_int(row, 12),
        .outcome = (enum outcome)sqlite3_column_int(row, 13),
        .wrapup = {sqlite3_column_int64(row, 14)},
    };
}

enum status sqlite_contact_events(void *self, struct contact_id id, struct arena *arena,
                                  struct contact_event **events, size_t *count,
                                  struct error *err)
{
    size_t room = *count < CONTACT_EVENTS_MAX ? *count : CONTACT_EVENTS_MAX;
    *count = 0;
    struct connection *reader = read_begin(self, err);
    if (!reader)
        return STATUS_UNAVAILABLE;
    *events = arena_new(arena, room + 1, sizeof(**events));
    struct rows rows = sql_start(reader, SQL_EVENT_LIST,
                                 SQL_VALUES(SQL_INT(id.value), SQL_INT((int64_t)room)));
    while (rows_next(&rows))
        event_read(&rows, arena, &(*events)[(*count)++]);
    enum status status = rows_end(&rows, err);
    int64_t created = 0;
    if (!status && *count < room &&
        sql_get(reader, SQL_CONTACT_CREATED, SQL_VALUES(SQL_INT(id.value)), &created, err) ==
            STATUS_OK)
        (*events)[(*count)++] =
            (struct contact_event){.kind = CONTACT_EVENT_CREATED, .at = {created}};
    manage_reverse(*events, *count);
    return read_end(reader, status);
}
