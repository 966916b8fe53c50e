#include "store/manage.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/ensure.h"
#include "store/contact.h"
#include "store/export/contact_data.h"

enum status manage_check(size_t count, struct error *err)
{
    if (count > MANAGE_ACT_MAX)
        return error_set(err, STATUS_INVALID, "", "at most %d contacts at once",
                         MANAGE_ACT_MAX);
    return STATUS_OK;
}

void manage_reverse(struct contact_event *events, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct contact_event event = events[i];
        events[i] = events[count - 1 - i];
        events[count - 1 - i] = event;
    }
}

enum due_class manage_due_class(const struct contact *contact)
{
    if (!contact->next_try.us)
        return DUE_PRIORITY;
    return contact->is_top_priority ? DUE_CALLBACK_TOP : DUE_RECALL;
}

bool manage_is_managed(const struct contact *contact, const struct manage_queue *queues,
                       size_t count)
{
    bool is_covered = false;
    for (size_t i = 0; i < count; i++) {
        bool is_back = contact->is_put_back && queues[i].pass <= contact->pass;
        is_covered = is_covered || (queues[i].is_covered && !is_back);
    }
    return is_covered;
}

/* Due in a queue that has used the contact up already, or that honours its next try. */
static enum status due_again(const struct manage_rows *rows, const struct contact *contact,
                             const struct manage_queue *queue, bool replaces_due,
                             struct error *err)
{
    bool has_due = false;
    enum status status = STATUS_OK;
    if (!replaces_due)
        status = rows->due_has(rows->dialer.self, queue->campaign, contact->id, &has_due, err);
    if (status || has_due)
        return status;
    struct due_row row = {
        .campaign = queue->campaign,
        .due_class = manage_due_class(contact),
        .zone_set = dialer_due_zone(contact, -1),
        .at = contact->next_try,
        .contact = contact->id,
        .column = -1,
        .pass = queue->pass,
        .is_first = !queue->is_used,
    };
    return rows->dialer.due_put(rows->dialer.self, &row, err);
}

enum status manage_requeue(const struct manage_rows *rows, const struct contact *contact,
                           bool replaces_due, struct error *err)
{
    struct manage_queue queues[MANAGE_QUEUES_MAX];
    size_t count = 0;
    void *self = rows->dialer.self;
    if (contact->state != CONTACT_WAITING)
        return STATUS_OK; /* what it waits for stays, and is left out until it waits again */
    enum status status = rows->queues_of(self, contact, queues, &count, err);
    if (!status && replaces_due)
        status = rows->due_drop(self, contact->id, err);
    for (size_t i = 0; i < count && !status; i++) {
        bool is_due = queues[i].is_used || (contact->is_top_priority && contact->next_try.us);
        if (queues[i].is_covered && is_due)
            status = due_again(rows, contact, &queues[i], replaces_due, err);
    }
    return status ? status : rows->queue_edited(self, contact, err);
}

/* Back to the list: out of every queue, until a newer pass builds one. */
static enum status put_back(const struct manage_rows *rows, struct contact *contact,
                            struct error *err)
{
    struct manage_queue queues[MANAGE_QUEUES_MAX];
    size_t count = 0;
    enum status status = rows->queues_of(rows->dialer.self, contact, queues, &count, err);
    for (size_t i = 0; i < count && !status; i++)
        if (queues[i].pass > contact->pass)
            contact->pass = queues[i].pass;
    return status ? status : rows->due_drop(rows->dialer.self, contact->id, err);
}

static enum status act_write(const struct manage_rows *rows,
                             const struct contact_action *action, struct contact *contact,
                             enum contact_state before, struct error *err)
{
    enum status status = STATUS_OK;
    uint32_t addresses = 0;
    if (action->act == CONTACT_RESET || action->act == CONTACT_LOAD)
        addresses = (1u << contact->address_count) - 1;
    if (action->act == CONTACT_RESET && !action->keeps_attempts)
        contact->counted_from = action->at;
    if (action->act == CONTACT_MOVE) {
        contact->next_try = action->next_try;
        contact->is_top_priority = action->is_top_priority;
    }
    if (action->act == CONTACT_LOAD)
        status = put_back(rows, contact, err);
    if (!status)
        status = dialer_contact_put(&rows->dialer, before, contact, addresses, err);
    bool may_dial = contact->state == CONTACT_WAITING && manage_act_requeues(action->act) &&
                    action->act != CONTACT_LOAD;
    bool replaces_due = action->act == CONTACT_RESET || action->act == CONTACT_MOVE;
    if (!status && may_dial)
        status = manage_requeue(rows, contact, replaces_due, err);
    struct contact_event event = {
        .kind = CONTACT_EVENT_ACTED,
        .at = action->at,
        .actor = action->actor,
        .act = action->act,
        .state = contact->state,
        .note = action->reason,
    };
    return status ? status : rows->event_put(rows->dialer.self, contact->id, &event, err);
}

bool manage_act_requeues(enum contact_act act)
{
    return act != CONTACT_PAUSE && act != CONTACT_SHELVE;
}

enum status manage_act(const struct manage_rows *rows, const struct contact_action *action,
                       struct contact_id id, struct contact_action_result *result,
                       struct error *err)
{
    struct contact contact;
    enum status status = rows->dialer.contact_get(rows->dialer.self, id, &contact, err);
    if (status && status != STATUS_NOT_FOUND)
        return status;
    bool is_there = status == STATUS_OK;
    if (is_there && contact.state == CONTACT_RUNNING) {
        result->in_use++;
        return STATUS_OK;
    }
    if (!is_there || !contact_act_is_legal(&contact, action->act)) {
        result->unchanged++;
        return STATUS_OK;
    }
    enum contact_state before = contact.state;
    contact_act_apply(&contact, action->act, action->at);
    status = act_write(rows, action, &contact, before, err);
    result->changed += status == STATUS_OK;
    return status;
}

char *manage_before(const struct contact *contact, const char *external_id, const char *data)
{
    char id[CONTACT_EXTERNAL_ID_MAX * 6 + 16] = "";
    if (external_id) {
        size_t at = (size_t)snprintf(id, sizeof(id), ",\"id\":");
        at += contact_data_put(id + at, external_id, strlen(external_id));
        id[at] = '\0';
    }
    size_t room = strlen(data) + sizeof(id) + 256;
    char *text = memory_new(room, 1);
    int len = snprintf(text, room,
                       "{\"data\":%s,\"callable\":%s,\"priority\":%d,\"agent\":%" PRId64
                       ",\"nextTry\":%" PRId64 ",\"topPriority\":%s%s}",
                       data, contact->is_callable ? "true" : "false", (int)contact->priority,
                       contact->preferred_agent.value, contact->next_try.us,
                       contact->is_top_priority ? "true" : "false", id);
    ensure(len > 0 && (size_t)len < room);
    return text;
}
