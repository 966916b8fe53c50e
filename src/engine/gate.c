#include "engine/gate.h"

#include <string.h>

#include "base/ensure.h"

const char *gate_check_name(enum gate_check check)
{
    static const char *const names[GATE_CHECK_COUNT] = {
        [GATE_CAMPAIGN_ON] = "campaign_on",
        [GATE_LIST_STARTED] = "list_started",
        [GATE_AGENT_AVAILABLE] = "agent_available",
        [GATE_CONTACT_STATE] = "contact_state",
        [GATE_CONTACT_CALLABLE] = "contact_callable",
        [GATE_CONTACT_LIMIT] = "contact_attempt_limit",
        [GATE_NEXT_TRY] = "next_try",
        [GATE_ADDRESS_KNOWN] = "address_known",
        [GATE_ADDRESS_LEFT] = "address_left",
        [GATE_ADDRESS_CALLABLE] = "address_callable",
        [GATE_NUMBER_VALID] = "number_valid",
        [GATE_DNC] = "do_not_contact",
        [GATE_NUMBER_LIMIT] = "number_attempt_limit",
        [GATE_CALLABLE_TIME] = "callable_time",
        [GATE_LIST_FILTER] = "contact_list_filter",
        [GATE_LINE_AVAILABLE] = "line_available",
    };
    return check < GATE_CHECK_COUNT ? names[check] : "?";
}

struct wall gate_limit_since(const struct campaign *campaign, const struct zone_table *zones,
                             struct wall now)
{
    const struct attempt_limits *limits = &campaign->limits;
    if (!limits->per_contact && !limits->per_number)
        return (struct wall){0};
    switch (limits->period) {
    case RESET_NEVER: return (struct wall){1};
    case RESET_DAYS: return (struct wall){now.us - limits->period_days * US_PER_DAY};
    case RESET_TODAY: break;
    }
    if (limits->zone < 0 || (size_t)limits->zone >= zones->count)
        return (struct wall){now.us - US_PER_DAY};
    const struct zone *zone = &zones->zones[limits->zone];
    struct civil midnight = zone_local(zone, now);
    midnight.hour = midnight.minute = midnight.second = midnight.microsecond = 0;
    return zone_utc(zone, &midnight);
}

/* The check under way: appends to the steps when somebody wants them. */
static bool note(struct gate_steps *steps, enum gate_check check, int32_t address_index,
                 bool has_passed, int64_t value, int64_t limit, struct wall until)
{
    if (steps) {
        ensure(steps->count < GATE_STEP_MAX);
        steps->steps[steps->count++] = (struct gate_step){
            .check = check,
            .has_passed = has_passed,
            .address_index = address_index,
            .value = value,
            .limit = limit,
            .until = until,
        };
    }
    return has_passed;
}

static bool pass(struct gate_steps *steps, enum gate_check check, int32_t index,
                 bool has_passed)
{
    return note(steps, check, index, has_passed, 0, 0, (struct wall){0});
}

static struct gate_verdict refuse(enum gate_answer answer, enum gate_check because,
                                  struct wall until)
{
    return (struct gate_verdict){
        .answer = answer, .address_index = -1, .because = because, .until = until};
}

/* When a rolling limit lets go cannot be known from counts alone: look again after an hour, or
 * at the next midnight for RESET_TODAY; RESET_NEVER never does. */
static struct gate_verdict limit_refusal(const struct campaign *campaign,
                                         const struct gate_situation *situation,
                                         enum gate_check because, struct wall now)
{
    const struct attempt_limits *limits = &campaign->limits;
    switch (limits->period) {
    case RESET_NEVER: return refuse(GATE_NEVER, because, (struct wall){0});
    case RESET_DAYS:
        return refuse(GATE_NOT_NOW, because, (struct wall){now.us + 3600 * US_PER_S});
    case RESET_TODAY: break;
    }
    struct wall since = gate_limit_since(campaign, situation->zones, now);
    /* 26 hours after a midnight is past the next one, whatever summer time does. */
    struct wall next = gate_limit_since(campaign, situation->zones,
                                        (struct wall){since.us + 26 * 3600 * US_PER_S});
    return refuse(GATE_NOT_NOW, because,
                  next.us > now.us ? next : (struct wall){now.us + US_PER_DAY});
}

static int32_t find_address(const struct contact *contact, int16_t column)
{
    for (int32_t i = 0; i < contact->address_count; i++)
        if (contact->addresses[i].column == column)
            return i;
    return -1;
}

/* Whether this address has a try left in this pass: never dialed, or due again. */
static bool has_try_left(const struct candidate *candidate, const struct address *address)
{
    if (candidate->due_column >= 0)
        return address->column == candidate->due_column;
    if (address->attempts == 0)
        return address->state != ADDRESS_FAILED;
    return address->state == ADDRESS_RESCHEDULED;
}

static struct gate_verdict check_address(const struct campaign *campaign,
                                         const struct candidate *candidate, int32_t index,
                                         const struct gate_situation *situation,
                                         struct wall now, struct gate_steps *steps)
{
    const struct address *address = &candidate->contact.addresses[index];
    const struct wall never = {0};
    if (!pass(steps, GATE_ADDRESS_LEFT, index, has_try_left(candidate, address)))
        return refuse(GATE_NEVER, GATE_ADDRESS_LEFT, never);
    if (!pass(steps, GATE_ADDRESS_CALLABLE, index, address->is_callable))
        return refuse(GATE_NEVER, GATE_ADDRESS_CALLABLE, never);
    if (!pass(steps, GATE_NUMBER_VALID, index, address->number > 0))
        return refuse(GATE_NEVER, GATE_NUMBER_VALID, never);
    if (!pass(steps, GATE_DNC, index, !address->is_on_dnc))
        return refuse(GATE_NEVER, GATE_DNC, never);
    int32_t cap = campaign->limits.per_number;
    bool is_below = !cap || address->attempts_in_window < cap;
    if (!note(steps, GATE_NUMBER_LIMIT, index, is_below, address->attempts_in_window, cap,
              never))
        return limit_refusal(campaign, situation, GATE_NUMBER_LIMIT, now);
    struct wall until = now;
    enum time_set_verdict times = TIME_SET_OPEN;
    if (campaign->times.id)
        times = time_set_check(&campaign->times, situation->zones,
                               situation->zone_set(situation->context, address->zone_set), now,
                               &until);
    if (!note(steps, GATE_CALLABLE_TIME, index, times == TIME_SET_OPEN, 0, 0,
              times == TIME_SET_CLOSED ? until : never))
        return refuse(times == TIME_SET_CLOSED ? GATE_NOT_NOW : GATE_NEVER, GATE_CALLABLE_TIME,
                      until);
    return (struct gate_verdict){.answer = GATE_DIAL, .address_index = index, .until = now};
}

static bool is_state_open(const struct contact *contact, int64_t this_pass)
{
    if (contact->state == CONTACT_WAITING)
        return true;
    /* Done and failed belong to the pass in which they became so (a recycle dials them again).
     */
    return contact->pass != this_pass &&
           (contact->state == CONTACT_DONE || contact->state == CONTACT_FAILED);
}

bool gate_list_lets(enum list_state state, enum due_class from)
{
    return state == LIST_STARTED || (state == LIST_SUSPENDED && from <= DUE_CALLBACK);
}

/* The checks that do not depend on an address; GATE_DIAL when all of them pass. */
static struct gate_verdict check_contact(const struct campaign *campaign,
                                         const struct candidate *candidate,
                                         const struct gate_situation *situation,
                                         struct wall now, struct gate_steps *steps)
{
    const struct contact *contact = &candidate->contact;
    const struct wall unknown = {0};
    if (!pass(steps, GATE_CAMPAIGN_ON, -1, situation->status == CAMPAIGN_ON))
        return refuse(GATE_NOT_NOW, GATE_CAMPAIGN_ON, unknown);
    if (!pass(steps, GATE_LIST_STARTED, -1,
              gate_list_lets(campaign->list_state, candidate->from)))
        return refuse(GATE_NOT_NOW, GATE_LIST_STARTED, unknown);
    bool has_agent = pass(steps, GATE_AGENT_AVAILABLE, -1, situation->has_agent);
    if (!pass(steps, GATE_CONTACT_STATE, -1, is_state_open(contact, situation->pass)))
        return refuse(GATE_NEVER, GATE_CONTACT_STATE, unknown);
    if (!pass(steps, GATE_CONTACT_CALLABLE, -1, contact->is_callable))
        return refuse(GATE_NEVER, GATE_CONTACT_CALLABLE, unknown);
    int32_t cap = campaign->limits.per_contact;
    bool is_below = !cap || contact->attempts_in_window < cap;
    if (!note(steps, GATE_CONTACT_LIMIT, -1, is_below, contact->attempts_in_window, cap,
              unknown))
        return limit_refusal(campaign, situation, GATE_CONTACT_LIMIT, now);
    bool is_due = contact->next_try.us <= now.us;
    if (!note(steps, GATE_NEXT_TRY, -1, is_due, 0, 0, contact->next_try))
        return refuse(GATE_NOT_NOW, GATE_NEXT_TRY, contact->next_try);
    if (!has_agent)
        return refuse(GATE_NOT_NOW, GATE_AGENT_AVAILABLE, unknown);
    return (struct gate_verdict){.answer = GATE_DIAL, .address_index = -1};
}

struct gate_verdict gate_check_contact(const struct campaign *campaign,
                                       const struct candidate *candidate,
                                       const struct gate_situation *situation, struct wall now,
                                       struct gate_steps *steps)
{
    if (steps)
        memset(steps, 0, sizeof(*steps));
    struct gate_verdict verdict = check_contact(campaign, candidate, situation, now, steps);
    bool is_waiting_for_agent =
        verdict.answer == GATE_NOT_NOW && verdict.because == GATE_AGENT_AVAILABLE;
    if (verdict.answer != GATE_DIAL && !is_waiting_for_agent)
        return verdict;
    struct gate_verdict best = refuse(GATE_NEVER, GATE_ADDRESS_KNOWN, (struct wall){0});
    for (int32_t i = 0; i < campaign->address_column_count; i++) {
        int32_t index = find_address(&candidate->contact, campaign->address_columns[i]);
        if (!pass(steps, GATE_ADDRESS_KNOWN, index, index >= 0))
            continue;
        struct gate_verdict one =
            check_address(campaign, candidate, index, situation, now, steps);
        if (one.answer == GATE_DIAL) {
            best = one;
            break;
        }
        bool is_sooner = one.answer == GATE_NOT_NOW &&
                         (best.answer != GATE_NOT_NOW || one.until.us < best.until.us);
        bool says_more =
            one.answer == GATE_NEVER && best.answer == GATE_NEVER &&
            (best.because == GATE_ADDRESS_KNOWN || best.because == GATE_ADDRESS_LEFT);
        if (is_sooner || says_more)
            best = one;
    }
    if (best.answer != GATE_DIAL)
        return best;
    if (!pass(steps, GATE_LIST_FILTER, -1, !candidate->is_outside_filter))
        return refuse(GATE_NEVER, GATE_LIST_FILTER, (struct wall){0});
    if (is_waiting_for_agent)
        return verdict;
    if (!pass(steps, GATE_LINE_AVAILABLE, -1, situation->has_line))
        return refuse(GATE_NOT_NOW, GATE_LINE_AVAILABLE, (struct wall){0});
    return best;
}
