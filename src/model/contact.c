#include "model/contact.h"

#include <string.h>

const char *contact_state_name(enum contact_state state)
{
    switch (state) {
    case CONTACT_WAITING: return "waiting";
    case CONTACT_RUNNING: return "running";
    case CONTACT_DONE: return "done";
    case CONTACT_FAILED: return "failed";
    case CONTACT_DELETED: return "deleted";
    case CONTACT_PAUSED: return "paused";
    case CONTACT_LIST_STOPPED: return "list_stopped";
    case CONTACT_LIST_SUSPENDED: return "list_suspended";
    case CONTACT_SHELVED: return "shelved";
    case CONTACT_STATE_COUNT: break;
    }
    return "?";
}

const char *address_state_name(enum address_state state)
{
    switch (state) {
    case ADDRESS_SCHEDULED: return "scheduled";
    case ADDRESS_RESCHEDULED: return "rescheduled";
    case ADDRESS_WAITING: return "waiting";
    case ADDRESS_BLOCKED: return "blocked";
    case ADDRESS_FAILED: return "failed";
    case ADDRESS_STATE_COUNT: break;
    }
    return "?";
}

static const char *const act_names[CONTACT_ACT_COUNT] = {
    [CONTACT_PAUSE] = "pause",       [CONTACT_RESUME] = "resume", [CONTACT_SHELVE] = "shelve",
    [CONTACT_UNSHELVE] = "unshelve", [CONTACT_RESET] = "reset",   [CONTACT_LOAD] = "load",
    [CONTACT_MOVE] = "move",
};

const char *contact_act_name(enum contact_act act)
{
    return act < CONTACT_ACT_COUNT ? act_names[act] : "?";
}

bool contact_act_from_name(const char *name, enum contact_act *act)
{
    for (int i = 0; i < CONTACT_ACT_COUNT; i++)
        if (strcmp(act_names[i], name) == 0) {
            *act = (enum contact_act)i;
            return true;
        }
    return false;
}

bool contact_act_is_legal(const struct contact *contact, enum contact_act act)
{
    enum contact_state state = contact->state;
    switch (act) {
    case CONTACT_PAUSE: return state == CONTACT_WAITING;
    case CONTACT_RESUME: return state == CONTACT_PAUSED;
    case CONTACT_UNSHELVE: return state == CONTACT_SHELVED;
    case CONTACT_SHELVE:
    case CONTACT_LOAD: return state != CONTACT_RUNNING && state != CONTACT_DELETED;
    case CONTACT_RESET:
        return state == CONTACT_DONE || state == CONTACT_FAILED || state == CONTACT_WAITING ||
               state == CONTACT_PAUSED;
    case CONTACT_MOVE: return state == CONTACT_WAITING || state == CONTACT_PAUSED;
    case CONTACT_ACT_COUNT: break;
    }
    return false;
}

/* As if never called: the first address that may be called is the next one. */
static void forget_tries(struct contact *contact)
{
    bool is_first = true;
    for (int32_t i = 0; i < contact->address_count; i++) {
        struct address *address = &contact->addresses[i];
        address->attempts = 0;
        memset(address->recalls, 0, sizeof(address->recalls));
        if (address->state == ADDRESS_BLOCKED)
            continue;
        bool is_next = is_first && address->is_callable && address->number;
        address->state = is_next ? ADDRESS_SCHEDULED : ADDRESS_WAITING;
        is_first = is_first && !is_next;
    }
}

void contact_act_apply(struct contact *contact, enum contact_act act, struct wall at)
{
    switch (act) {
    case CONTACT_PAUSE: contact->state = CONTACT_PAUSED; break;
    case CONTACT_SHELVE: contact->state = CONTACT_SHELVED; break;
    case CONTACT_RESUME:
    case CONTACT_UNSHELVE: contact->state = CONTACT_WAITING; break;
    case CONTACT_LOAD:
    case CONTACT_RESET:
        contact->state = CONTACT_WAITING;
        contact->next_try = (struct wall){0};
        contact->is_put_back = act == CONTACT_LOAD;
        forget_tries(contact);
        break;
    case CONTACT_MOVE:
    case CONTACT_ACT_COUNT: break;
    }
    contact->version++;
    contact->touched_at = at;
}

static const enum recall_kind recall_kinds[OUTCOME_COUNT] = {
    [OUTCOME_NONE] = RECALL_COUNT,
    [OUTCOME_PERSON] = RECALL_COUNT,
    [OUTCOME_MACHINE] = RECALL_MACHINE,
    [OUTCOME_FAX] = RECALL_FAX,
    [OUTCOME_BUSY] = RECALL_BUSY,
    [OUTCOME_NO_ANSWER] = RECALL_NO_ANSWER,
    [OUTCOME_REJECTED] = RECALL_COUNT,
    [OUTCOME_SIT_CALLABLE] = RECALL_COUNT,
    [OUTCOME_SIT_UNCALLABLE] = RECALL_COUNT,
    [OUTCOME_ABANDONED] = RECALL_COUNT,
    [OUTCOME_AGENT_LOST] = RECALL_COUNT,
    [OUTCOME_CANCELLED] = RECALL_COUNT,
    [OUTCOME_FAILED] = RECALL_COUNT,
    [OUTCOME_LOST] = RECALL_COUNT,
};

enum recall_kind recall_kind_of(enum outcome outcome)
{
    return outcome < OUTCOME_COUNT ? recall_kinds[outcome] : RECALL_COUNT;
}
