#include "model/contact.h"

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
