/* engine.h -- the pure core of the dialer.
 *
 *     commands = engine_step(engine, event, now)
 *
 * One deterministic state machine: campaigns, agents and calls in memory; no clock, socket,
 * SQL, thread, global or source of chance of its own. The same events at the same instants give
 * the same commands, on every machine. One owner thread; nothing here blocks or fails: what the
 * world could not do arrives as an event.
 *
 * Invariants:
 *   E1  no DIAL without a committed intent of the same call;
 *   E2  a call ends exactly once, with one END write, and a conversation with one WRAPUP write;
 *   E3  an agent has at most one call, and a reserved agent is reserved for one;
 *   E4  a contact is in at most one call and at most one head at a time;
 *   E5  every request gets exactly one reply, in the step that received it. */
#ifndef CADRAN_ENGINE_ENGINE_H
#define CADRAN_ENGINE_ENGINE_H

#include "base/instant.h"
#include "engine/command.h"
#include "engine/event.h"
#include "engine/gate.h"
#include "model/zone.h"

struct engine;

struct now {
    struct mono mono;
    struct wall wall;
};

struct engine_options {
    int64_t epoch;                  /* of this run of the process: the high half of every id */
    const struct zone_table *zones; /* outlives the engine */
};

struct engine *engine_create(const struct engine_options *options);
void engine_destroy(struct engine *engine);

/* Takes one event and appends what must be done to `out`. Time never goes back. */
void engine_step(struct engine *engine, const struct event *event, struct now now,
                 struct commands *out);

/* When the engine next wants a TICK, if nothing else comes before; INT64_MAX = not by itself.
 */
struct mono engine_wake(const struct engine *engine);

/* --- What may be asked of it between steps (reads only, copies out) -------------------------
 */

enum campaign_health {
    HEALTH_OFF,
    HEALTH_DIALING,
    HEALTH_BUILDING, /* the dial queue is being built */
    HEALTH_WAITING_FOR_AGENTS,
    HEALTH_WAITING_FOR_CONTACTS, /* all are dialed, in flight, or due later */
    HEALTH_WAITING_FOR_LINES,
    HEALTH_LIST_STOPPED,  /* or suspended, and no callback is due */
    HEALTH_OUTSIDE_HOURS, /* `opens_at` says until when */
    HEALTH_STORE_UNAVAILABLE,
};
const char *campaign_health_name(enum campaign_health health);

struct campaign_view {
    struct campaign_id id;
    enum campaign_status status;
    enum campaign_health health;
    struct wall opens_at, due_next; /* 0 = none */
    int64_t pass;
    int64_t queue_looked_at, queue_size; /* contacts seen by the builder, rows queued */
    bool is_queue_built;
    int32_t calls_offering, calls_dialing, calls_ringing, calls_talking;
    int64_t attempts, contacts_called, skipped;
    int64_t outcomes[OUTCOME_COUNT];
    int64_t skips[GATE_CHECK_COUNT];   /* by the deciding check, in this pass */
    int32_t agents[AGENT_STATE_COUNT]; /* of the campaign's queue who joined it */
    int32_t call_rate_per_minute;      /* attempts that left in the last minute */
};

struct agent_view {
    struct agent_id id;
    enum agent_state state;
    char reason[AGENT_REASON_SIZE];
    struct wall since;
    bool is_phone_registered, has_leg;
    struct call_id call; /* 0 = none */
    struct campaign_id campaign;
    struct wall wrapup_until; /* 0 = none, or no limit */
    int64_t calls_handled;
    int64_t talk_ms;
};

enum call_state {
    CALL_OFFERING, /* an agent's phone rings, before anything is dialed */
    CALL_INTENT,   /* the attempt is being committed */
    CALL_DIALING,
    CALL_RINGING,
    CALL_TALKING,
    CALL_WRAPUP, /* ended; the agent has not wrapped up yet */
};
const char *call_state_name(enum call_state state);

struct call_view {
    struct call_id id;
    struct campaign_id campaign;
    struct contact_id contact;
    struct agent_id agent;
    enum call_state state;
    int64_t number;
    int16_t column;
    struct wall started_at, answered_at; /* 0 = not yet */
};

/* False where there is no such campaign, agent or call. */
bool engine_campaign_view(const struct engine *engine, struct campaign_id id,
                          struct campaign_view *view);
bool engine_agent_view(const struct engine *engine, struct agent_id id,
                       struct agent_view *view);
bool engine_call_view(const struct engine *engine, struct call_id id, struct call_view *view);
/* Fill at most `limit` and return how many there are. */
size_t engine_campaigns(const struct engine *engine, struct campaign_view *views, size_t limit);
size_t engine_agents(const struct engine *engine, struct agent_view *views, size_t limit);
size_t engine_calls(const struct engine *engine, struct campaign_id campaign,
                    struct call_view *views, size_t limit);

/* What to ask of store.candidate_load for an explanation; false: no such campaign. */
bool engine_claim_for(const struct engine *engine, struct campaign_id campaign, struct wall now,
                      struct claim *claim);
/* The gate's verdict on this candidate now, step by step: the function that dials. */
bool engine_explain(const struct engine *engine, struct campaign_id campaign,
                    const struct candidate *candidate, struct wall now,
                    struct gate_verdict *verdict, struct gate_steps *steps);

#endif
