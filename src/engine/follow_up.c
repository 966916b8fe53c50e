#include "engine/follow_up.h"

#include <string.h>

static struct follow_up begin(const struct contact *contact, int32_t index,
                              enum outcome outcome, struct wall now)
{
    struct follow_up result;
    memset(&result, 0, sizeof(result));
    result.change.state = CONTACT_WAITING;
    result.change.is_callable = contact->is_callable;
    result.change.address_index = index;
    result.change.address = contact->addresses[index];
    result.change.address.last_at = now;
    result.change.address.last_outcome = outcome;
    result.change.next_index = -1;
    result.due_column = -1;
    return result;
}

/* The same number again after `interval_ms`. */
static void recall_same(struct follow_up *result, int64_t interval_ms, struct wall now)
{
    result->change.address.state = ADDRESS_RESCHEDULED;
    result->due_class = DUE_RECALL;
    result->due_at = (struct wall){now.us + interval_ms * US_PER_MS};
    result->due_column = result->change.address.column;
}

/* The contact's next address in the campaign's order that was not dialed in this pass. */
static int32_t next_address(const struct campaign *campaign, const struct contact *contact,
                            int32_t index)
{
    for (int32_t i = 0; i < campaign->address_column_count; i++)
        for (int32_t j = 0; j < contact->address_count; j++) {
            const struct address *address = &contact->addresses[j];
            if (j != index && address->column == campaign->address_columns[i] &&
                address->attempts == 0 && address->is_callable && address->number > 0 &&
                !address->is_on_dnc && address->state != ADDRESS_FAILED)
                return j;
        }
    return -1;
}

/* This number has no try left: the next one at once, or the contact has failed. */
static void move_on(struct follow_up *result, const struct campaign *campaign,
                    const struct contact *contact, int32_t index, struct wall now)
{
    result->change.address.state = ADDRESS_FAILED;
    int32_t next = next_address(campaign, contact, index);
    result->change.next_index = next;
    if (next < 0) {
        result->change.state = CONTACT_FAILED;
        return;
    }
    result->due_class = DUE_RECALL;
    result->due_at = now;
    result->due_column = contact->addresses[next].column;
}

struct follow_up follow_up_outcome(const struct campaign *campaign,
                                   const struct contact *contact, int32_t index,
                                   enum outcome outcome, struct wall now)
{
    struct follow_up result = begin(contact, index, outcome, now);
    switch (outcome) {
    case OUTCOME_BUSY:
    case OUTCOME_NO_ANSWER:
    case OUTCOME_MACHINE:
    case OUTCOME_FAX: {
        enum recall_kind kind = recall_kind_of(outcome);
        const struct recall *recall = &campaign->limits.recalls[kind];
        uint8_t *made = &result.change.address.recalls[kind];
        if (*made < recall->attempts && *made < UINT8_MAX) {
            (*made)++;
            recall_same(&result, recall->interval_ms, now);
        } else {
            move_on(&result, campaign, contact, index, now);
        }
        break;
    }
    case OUTCOME_SIT_UNCALLABLE:
        result.change.address.is_callable = false;
        move_on(&result, campaign, contact, index, now);
        break;
    case OUTCOME_SIT_CALLABLE:
    case OUTCOME_FAILED:
    case OUTCOME_AGENT_LOST:
    case OUTCOME_CANCELLED:
        if (result.change.address.attempts < FOLLOW_UP_FAULT_TRIES)
            recall_same(&result, campaign->error_recall_ms, now);
        else
            move_on(&result, campaign, contact, index, now);
        break;
    case OUTCOME_REJECTED: move_on(&result, campaign, contact, index, now); break;
    case OUTCOME_PERSON: result.change.state = CONTACT_DONE; break;
    case OUTCOME_ABANDONED: /* called again in the next pass at the earliest */
    case OUTCOME_LOST:      /* counts as made: never twice because a process died */
    case OUTCOME_NONE:
    case OUTCOME_COUNT: break;
    }
    return result;
}

struct follow_up follow_up_wrapup(const struct campaign *campaign,
                                  const struct contact *contact, int32_t index,
                                  const struct wrapup_code *code, struct wall now)
{
    struct follow_up result = begin(contact, index, OUTCOME_PERSON, now);
    result.change.state = CONTACT_DONE;
    if (!code)
        return result;
    if (code->means != OUTCOME_NONE && code->means != OUTCOME_PERSON)
        result = follow_up_outcome(campaign, contact, index, code->means, now);
    result.change.address.last_wrapup = code->id;
    if (code->is_contact_uncallable) {
        result.change.is_callable = false;
    } else if (code->is_number_uncallable) {
        result.change.address.is_callable = false;
        if (!code->is_right_party) {
            result.change.state = CONTACT_WAITING;
            move_on(&result, campaign, contact, index, now);
        }
    }
    return result;
}
