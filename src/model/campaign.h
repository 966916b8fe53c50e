/* campaign.h -- what a campaign is told to do: values that the engine reads and never changes.
 * They arrive whole, with a version, whenever an administrator saves one. Running state
 * (status, counters, cursors) is the engine's and lives elsewhere. Durations in ms. */
#ifndef CADRAN_MODEL_CAMPAIGN_H
#define CADRAN_MODEL_CAMPAIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/instant.h"
#include "model/contact.h"
#include "model/id.h"
#include "model/time_set.h"

/* The modes of Genesys Cloud. The engine dials PROGRESSIVE and AGENTLESS; the others are
 * accepted as configuration and refused at Start until their turn comes
 * (docs/not-yet-effective.md). */
enum dialing_mode {
    MODE_AGENTLESS,
    MODE_PREVIEW,
    MODE_POWER,
    MODE_PREDICTIVE,
    MODE_PROGRESSIVE,
    MODE_EXTERNAL,
};
const char *dialing_mode_name(enum dialing_mode mode);

/*   off --start--> on --stop--> stopping --drained--> off
 *                  on --nothing left--> complete --start--> on (a new pass)
 *                  on --a dependency breaks--> invalid --start--> on            */
enum campaign_status {
    CAMPAIGN_OFF,
    CAMPAIGN_ON,
    CAMPAIGN_STOPPING,
    CAMPAIGN_COMPLETE,
    CAMPAIGN_INVALID,
};
/* The wire's word: "off", "on", "stopping", "complete", "invalid". */
const char *campaign_status_name(enum campaign_status status);

enum reset_period { RESET_NEVER, RESET_TODAY, RESET_DAYS };

struct recall {
    int32_t attempts; /* how often the same number is tried again, 0 = never */
    int64_t interval_ms;
};

/* Attempt limits. */
struct attempt_limits {
    int64_t id;
    int32_t per_contact; /* 0 = unlimited */
    int32_t per_number;  /* 0 = unlimited */
    enum reset_period period;
    int32_t period_days; /* for RESET_DAYS: 2..30, rolling */
    int16_t zone;        /* for RESET_TODAY: index into the zone table */
    struct recall recalls[RECALL_COUNT];
};

/* What a supervisor did to the campaign's list (catalogue C16, C17). */
enum list_state {
    LIST_STARTED,
    LIST_STOPPED,   /* nothing is dialed, callbacks are held too */
    LIST_SUSPENDED, /* "paused": callbacks that are due go out, nothing else */
    LIST_STATE_COUNT
};
/* "started", "stopped", "paused". */
const char *list_state_name(enum list_state state);

#define CAMPAIGN_NAME_SIZE 256
#define CAMPAIGN_DNC_MAX 10
#define CALLER_NAME_SIZE 64

struct campaign {
    struct campaign_id id;
    int32_t version;
    char name[CAMPAIGN_NAME_SIZE];
    enum dialing_mode mode;
    struct list_id list;
    enum list_state list_state;
    int32_t list_priority; /* 0..255, 255 first, between campaigns of one priority (C52) */
    struct queue_id queue; /* 0 for agentless */
    struct trunk_id trunk; /* 0 = any trunk that is up */
    int32_t address_column_count;
    int16_t address_columns[ADDRESS_MAX]; /* the columns to dial, in order */
    int32_t dnc_list_count;
    struct dnc_list_id dnc_lists[CAMPAIGN_DNC_MAX];
    /* 1 + the position of the column whose values a list excludes; 0 = it excludes numbers. */
    int16_t dnc_columns[CAMPAIGN_DNC_MAX];
    struct attempt_limits limits; /* id 0 = none */
    struct time_set times;        /* id 0 = always; slots owned by whoever owns the campaign */
    int64_t caller_number;        /* E.164 digits */
    char caller_name[CALLER_NAME_SIZE];
    int32_t line_count;       /* most calls at once; 0 = no limit of the campaign's own */
    int32_t priority;         /* 1..5, 5 first, between campaigns of one queue */
    int64_t ring_timeout_ms;  /* noAnswerTimeout */
    bool is_always_running;   /* stays on when contacts run out */
    bool is_auto_answer;      /* the answered call reaches the agent without Accept */
    bool has_automatic_zones; /* zones from the number; else the list names a zone column */
    int64_t error_recall_ms;  /* after a technical failure: try again after this long */
};

/* Queue: how an answered call finds its agent (catalogue G18-G22). */
enum distribution {
    DISTRIBUTION_LONGEST_IDLE,
    DISTRIBUTION_ROUND_ROBIN,
    DISTRIBUTION_RING_ALL
};
const char *distribution_name(enum distribution distribution);

#define QUEUE_MEMBER_MAX 2000
#define QUEUE_WRAPUP_UNTIL_DONE INT64_MAX /* no limit: the agent has to say how it went */

struct queue {
    struct queue_id id;
    int32_t version;
    enum distribution distribution;
    int64_t ring_timeout_ms; /* G18: how long an agent's phone rings */
    /* G19: after-call time before the agent is ready again; 0 = none. */
    int64_t wrapup_ms;          /* or QUEUE_WRAPUP_UNTIL_DONE */
    bool logs_out_unregistered; /* G20 */
    bool logs_out_on_miss;      /* G21 */
    bool is_per_call;           /* agents' phones are rung for each call, not once at log-in */
    int32_t member_count;
    const struct agent_id *members; /* sorted by value */
};

/* What a wrap-up code means for the contact. */
struct wrapup_code {
    struct wrapup_code_id id;
    bool is_number_uncallable;
    bool is_contact_uncallable;
    bool is_right_party; /* the contact is done */
    enum outcome means;  /* what the agent says the call was: MACHINE, FAX; NONE = a person */
};

#endif
