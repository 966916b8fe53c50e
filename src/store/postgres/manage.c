/* Contact management: actions on contacts, and what is read back of a contact's history. */
#include "base/table.h"
#include "store/postgres/managing.h"
#include "store/postgres/writing.h"

/* Locks come in the order of everybody: the builds of the lists, then the contacts by their
 * ids.
 */
static enum status builds_lock(struct pg_connection *writer, const struct contact_id *ids,
                               size_t count, struct error *err)
{
    struct build_row builds[BUILDS_MAX];
    size_t build_count;
    enum status status = STATUS_OK;
    int64_t list = 0;
    for (size_t i = 0; i < count && !status; i++) {
        if (contact_list_of(ids[i]).value == list)
            continue;
        list = contact_list_of(ids[i]).value;
        pg_send(writer, PG_BUILDS_LOCK, PG_VALUES(PG_INT(list)));
        pg_sync(writer);
        status = builds_receive(writer, builds, &build_count, err);
    }
    return status;
}

/* How many of the ids come before one of them comes again. */
static size_t distinct(const struct contact_id *ids, size_t count)
{
    struct table seen;
    size_t found = 0;
    table_init(&seen);
    while (found < count && !table_get(&seen, ids[found].value)) {
        table_put(&seen, ids[found].value, &seen);
        found++;
    }
    table_fini(&seen);
    return found;
}

static enum status act_on(struct pg_connection *writer, const struct contact_action *action,
                          const struct contact_id *ids, size_t count,
                          struct contact_action_result *result, struct error *err)
{
    struct managing managing;
    enum status status =
        managing_open(&managing, writer, ids, count, manage_act_requeues(action->act), err);
    struct manage_rows rows = managing_rows(&managing);
    for (size_t i = 0; i < count && !status; i++)
        status = manage_act(&rows, action, ids[i], result, err);
    if (!status)
        status = managing_flush(&managing, err);
    managing_fini(&managing);
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
    status = builds_lock(writer, ids, count, err);
    for (size_t at = 0, some; at < count && !status; at += some) {
        some = distinct(&ids[at], count - at);
        status = act_on(writer, action, &ids[at], some, &done, err);
    }
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
