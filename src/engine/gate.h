/* gate.h -- may this contact be called now? The one place that decides it.
 *
 * A pure function of (candidate, campaign, situation, now): the dialer asks it before every
 * intent, and the explanation shown to people is the same call with a place to write its steps.
 * Checks run in the order of docs/glossary.md "gate"; a check about an address is made for each
 * of the campaign's addresses in their order, and the first address that passes all is dialed.
 */
#ifndef CADRAN_ENGINE_GATE_H
#define CADRAN_ENGINE_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/instant.h"
#include "model/campaign.h"
#include "model/candidate.h"
#include "model/zone.h"

enum gate_check {
    GATE_CAMPAIGN_ON,
    GATE_LIST_STARTED,
    GATE_AGENT_AVAILABLE,
    GATE_CONTACT_STATE,
    GATE_CONTACT_CALLABLE,
    GATE_CONTACT_LIMIT,
    GATE_NEXT_TRY,
    GATE_ADDRESS_KNOWN, /* the campaign has a column where this contact has text */
    GATE_ADDRESS_LEFT,  /* not tried to the end in this pass */
    GATE_ADDRESS_CALLABLE,
    GATE_NUMBER_VALID,
    GATE_DNC,
    GATE_NUMBER_LIMIT,
    GATE_CALLABLE_TIME,
    GATE_LIST_FILTER, /* the campaign's contact list filter means it */
    GATE_LINE_AVAILABLE,
    GATE_CHECK_COUNT
};

/* "callable_time", ...: the counters' and the API's word. */
const char *gate_check_name(enum gate_check check);

enum gate_answer {
    GATE_DIAL,
    GATE_NOT_NOW, /* `until` says when it may change; 0 = when an agent or a line is free */
    GATE_NEVER,   /* not in this pass */
};

/* What the gate needs to know of the world outside the contact. */
struct gate_situation {
    enum campaign_status status;
    int64_t pass;
    bool has_agent; /* or needs none */
    bool has_line;
    const struct zone_table *zones;
    /* Looks an interned zone set up; NULL = unknown. */
    const struct zone_set *(*zone_set)(const void *context, struct zone_set_id id);
    const void *context;
};

struct gate_step {
    enum gate_check check;
    bool has_passed;
    int32_t address_index; /* -1 = about the contact or the campaign */
    int64_t value, limit;  /* for counts: made and allowed */
    struct wall until;     /* for times: when it opens; 0 = unknown */
};

#define GATE_STEP_MAX (7 + ADDRESS_MAX * 8 + 2)

struct gate_verdict {
    enum gate_answer answer;
    int32_t address_index;   /* for GATE_DIAL: which of the contact's addresses */
    enum gate_check because; /* the deciding check when it is not GATE_DIAL */
    struct wall until;
};

struct gate_steps {
    int32_t count;
    struct gate_step steps[GATE_STEP_MAX];
};

/* `steps` may be NULL: the dialer does not need them. */
struct gate_verdict gate_check_contact(const struct campaign *campaign,
                                       const struct candidate *candidate,
                                       const struct gate_situation *situation, struct wall now,
                                       struct gate_steps *steps);

/* Whether a list in this state lets contacts of this class be dialed. */
bool gate_list_lets(enum list_state state, enum due_class from);

/* From when on attempts count against the campaign's limits at `now`; 0 = they are not counted.
 * RESET_TODAY starts at midnight in the limits' zone. */
struct wall gate_limit_since(const struct campaign *campaign, const struct zone_table *zones,
                             struct wall now);

#endif
