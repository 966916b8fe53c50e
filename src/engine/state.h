/* state.h -- the engine's memory. Seen by the files of engine/ only; one owner thread.
 *
 *   engine
 *    +- runs      a campaign and its run through a list: lanes, heads of candidates, counters
 *    +- queues    who serves which campaign
 *    +- agents    people, their state and their phone's leg
 *    +- calls     one per attempt, from the offer or the intent to the wrap-up
 *    +- timers    a heap of (when, whom); stale entries are ignored when they come up */
#ifndef CADRAN_ENGINE_STATE_H
#define CADRAN_ENGINE_STATE_H

#include "base/table.h"
#include "engine/engine.h"

/* Candidates a lane keeps ready, and how few make it ask for more. */
#define HEAD_FULL 64
#define HEAD_LOW 32
/* Dials started in one step; more wait for a tick that comes at once. */
#define DIAL_BURST 128
#define RATE_SLOTS 60

struct lane {
    struct zone_set_id zone_set;
    struct queue_position
        cursor;             /* last fresh row claimed; rank_len -1 = from the stored one */
    struct candidate *head; /* sorted: due classes first, then rank */
    size_t head_count, head_capacity;
    bool is_claiming, is_drained, wants_due;
    struct wall opens_at; /* closed until then; 0 = open when last looked */
};

enum run_stage { STAGE_IDLE, STAGE_DRAWING, STAGE_BUILDING, STAGE_BUILT };

struct run {
    bool is_removed;        /* goes when its last call is wrapped up */
    struct campaign config; /* config.times.slots is the run's own copy */
    enum campaign_status status;
    enum run_stage stage;
    int64_t pass;
    struct lane **lanes;
    size_t lane_count, lane_capacity;
    struct table held; /* contacts in a head, a call or an unanswered write -> this run */
    struct call *calls;
    int32_t call_count; /* offering to talking; wrap-ups do not hold a line or a stop */
    int32_t
        pending_writes; /* ENDs, WRAPUPs, DEFERs and SKIPs that the store has not answered */
    int64_t queue_looked_at, queue_size;
    bool is_listing, has_new_rows, is_extending;
    struct wall due_next; /* INT64_MAX = none */
    struct mono pause_until, wake;
    struct mono recycled_at;
    int64_t attempts, contacts_called, skipped;
    int64_t outcomes[OUTCOME_COUNT];
    int64_t skips[GATE_CHECK_COUNT];
    int64_t rate_minute[RATE_SLOTS]; /* the second of each slot, and below its count */
    int32_t rate_count[RATE_SLOTS];
    enum campaign_health health;
    bool is_waiting;            /* had its turn in this step, and nothing could start */
    struct agent_id last_agent; /* round robin */
    int64_t served;             /* turns taken, for fairness among equals */
};

enum agent_leg { AGENT_LEG_NONE, AGENT_LEG_RINGING, AGENT_LEG_UP };

struct agent {
    struct agent_id id;
    int64_t phone;
    bool is_phone_registered;
    enum agent_state state;
    char reason[AGENT_REASON_SIZE], next_reason[AGENT_REASON_SIZE];
    struct wall since;
    struct mono idle_since;
    int64_t leg; /* 0 = none */
    enum agent_leg leg_state;
    bool is_leg_nailed;     /* stays up between calls */
    bool is_removed;        /* goes when the call is over */
    struct call *call;      /* offered, reserved, talking or wrapping up */
    struct table campaigns; /* joined: campaign id -> agent */
    bool has_joined_all;
    /* What the agent asked for while busy: done when the call is over. */
    bool wants_ready, wants_not_ready, wants_log_out;
    struct mono wrapup_until; /* INT64_MAX = no limit */
    struct wall wrapup_until_wall;
    int64_t calls_handled, talk_us;
};

struct call {
    struct call_id id; /* also the customer's leg */
    struct run *run;
    struct call *previous, *next; /* in run->calls */
    enum call_state state;
    struct candidate candidate;
    struct zone_set_id lane;
    int32_t address_index;
    struct agent *agent; /* the one it belongs to; NULL for agentless and while offering */
    int32_t offer_count; /* agents whose phones ring for it */
    struct trunk *trunk;
    bool is_ending;           /* we hung up, or must as soon as the intent is known */
    enum outcome end_outcome; /* when we ended it: what to record */
    bool was_bridged;
    struct wall started_at, answered_at, bridged_at, ended_at;
    struct wrapup_code_id wrapup; /* chosen during the call */
    bool has_wrapup;
    char note[DIALER_NOTE_SIZE];
};

struct trunk {
    struct trunk_id id;
    int32_t channels, calls_per_second;
    bool is_up;
    bool is_removed; /* goes with its last call */
    int32_t in_use;
    double tokens; /* calls that may start now */
    struct mono tokens_at;
};

enum timer_kind { TIMER_RUN, TIMER_AGENT };

struct timer {
    int64_t at_us;
    enum timer_kind kind;
    int64_t id;
};

struct engine {
    struct engine_options options;
    struct table runs, queues, agents, codes, trunks, zone_sets;
    struct table calls;      /* call id -> struct call */
    struct table agent_legs; /* leg -> struct agent */
    struct table phones;     /* phone id -> struct agent */
    struct table registered; /* phone id -> engine, for phones of agents known or not yet */
    struct run **run_order;  /* by priority, then id */
    size_t run_count, run_capacity;
    struct timer *timers; /* a binary heap */
    size_t timer_count, timer_capacity;
    int64_t sequence;
    bool is_store_available;
    bool has_removed; /* something waits to go */
    bool must_dial;   /* something changed that may let a call start */
    /* During a step only: */
    struct now now;
    struct commands *out;
};

/* engine.c */
int64_t engine_draw_id(struct engine *engine);
struct run *engine_run(const struct engine *engine, struct campaign_id id);
struct queue *engine_queue(const struct engine *engine, struct queue_id id);
struct agent *engine_agent(const struct engine *engine, struct agent_id id);
const struct zone_set *engine_zone_set(const void *engine, struct zone_set_id id);
struct command *engine_emit(struct engine *engine, enum command_kind kind);
void engine_notify(struct engine *engine, enum notice notice, int64_t id);
void engine_reply(struct engine *engine, int64_t request, enum status status,
                  const char *format, ...) PRINTF_LIKE(4, 5);
void timer_set(struct engine *engine, enum timer_kind kind, int64_t id, struct mono at);

/* run.c: one campaign's run through its list */
void run_config(struct engine *engine, const struct campaign *config);
/* Below 0: the left one's turn comes first; 0: they take turns. */
int run_precedence(const struct run *left, const struct run *right);
void run_restore(struct engine *engine, const struct event *event);
void run_remove(struct engine *engine, struct campaign_id id);
void runs_reap(struct engine *engine);
void run_destroy(struct run *run);
void run_start(struct engine *engine, struct run *run, int64_t request);
void run_stop(struct engine *engine, struct run *run, int64_t request);
void run_recycle(struct engine *engine, struct run *run, int64_t request);
void run_extend(struct engine *engine, struct run *run, int64_t request);
void run_pass_drawn(struct engine *engine, const struct event *event);
void run_settle(struct engine *engine, struct run *run);
/* Has the next chunk of the queue built. */
void run_build_next(struct engine *engine, struct run *run, bool is_first);
void run_set_status(struct engine *engine, struct run *run, enum campaign_status status);
void run_attempt_counted(struct engine *engine, struct run *run, bool is_first);

/* lanes.c: the heads of candidates of a run's zone sets */
struct lane *lane_find(const struct run *run, struct zone_set_id zone_set);
struct lane *lane_ensure(struct run *run, struct zone_set_id zone_set);
void lanes_clear(struct run *run);
void lanes_listed(struct engine *engine, const struct event *event);
void lanes_built(struct engine *engine, const struct event *event);
void lanes_claimed(struct engine *engine, const struct event *event);
void lanes_refill(struct engine *engine, struct run *run);
void lanes_due_changed(struct engine *engine, struct run *run, struct wall due_at);
/* The lane whose first candidate is dialed next; NULL = none is ready in an open zone. */
struct lane *lanes_best(struct engine *engine, struct run *run);
/* Takes the first candidate out of its head. It stays held. */
struct candidate lane_take(struct lane *lane);
void lane_give_back(struct lane *lane, const struct candidate *candidate);
bool lanes_are_drained(const struct run *run);
void claim_fill(const struct engine *engine, const struct run *run, struct wall now,
                struct claim *claim);

/* selection.c: gate and dial, campaign by campaign */
void selection_dial(struct engine *engine);
void situation_fill(const struct engine *engine, const struct run *run,
                    struct gate_situation *situation);

/* attempt.c: the life of a call */
void attempt_start(struct engine *engine, struct run *run, struct lane *lane,
                   struct agent *agent, int32_t address_index);
void attempt_offer(struct engine *engine, struct run *run, struct lane *lane,
                   int32_t address_index);
void attempt_offer_answered(struct engine *engine, struct call *call, struct agent *agent);
void attempt_offer_missed(struct engine *engine, struct call *call);
void attempt_written(struct engine *engine, const struct event *event);
void attempt_ringing(struct engine *engine, struct call *call);
void attempt_answered(struct engine *engine, struct call *call);
void attempt_ended(struct engine *engine, struct call *call, const struct event *event);
/* Hangs up, and records `outcome` if nobody had answered yet. */
void attempt_hang_up(struct engine *engine, struct call *call, enum outcome outcome);
void attempt_wrapped(struct engine *engine, struct call *call);

/* agents.c */
void agents_config(struct engine *engine, const struct event_agent *config);
void agents_remove(struct engine *engine, struct agent_id id);
void agents_reap(struct engine *engine);
void agent_destroy(struct agent *agent);
void agent_set(struct engine *engine, struct agent *agent, enum agent_state state,
               const char *reason);
void agent_log_in(struct engine *engine, struct agent *agent, int64_t request);
void agent_log_out(struct engine *engine, struct agent *agent, int64_t request);
void agent_ready(struct engine *engine, struct agent *agent, int64_t request);
void agent_not_ready(struct engine *engine, struct agent *agent, const char *reason,
                     int64_t request);
void agent_join(struct engine *engine, struct agent *agent, struct campaign_id campaign,
                int64_t request);
void agent_leave(struct engine *engine, struct agent *agent, struct campaign_id campaign,
                 int64_t request);
void agent_ask_hang_up(struct engine *engine, const struct event *event);
void agent_ask_wrapup(struct engine *engine, const struct event *event);
void agent_phone_state(struct engine *engine, int64_t phone, bool is_registered);
void agent_leg_answered(struct engine *engine, struct agent *agent);
void agent_leg_ended(struct engine *engine, struct agent *agent);
void agent_ring(struct engine *engine, struct agent *agent, int64_t ring_timeout_ms,
                bool is_nailed);
void agent_drop_leg(struct engine *engine, struct agent *agent);
void agent_reserve(struct engine *engine, struct agent *agent, struct call *call);
/* The call is over for this agent without a conversation: back to what they were. */
void agent_release(struct engine *engine, struct agent *agent);
void agent_begin_wrapup(struct engine *engine, struct agent *agent, int64_t wrapup_ms);
void agent_end_wrapup(struct engine *engine, struct agent *agent);
void agent_timer(struct engine *engine, struct agent *agent);
bool agent_serves(const struct engine *engine, const struct agent *agent,
                  const struct run *run);

/* routing.c: which agent gets the next call */
bool routing_is_free(const struct agent *agent, const struct run *run,
                     const struct queue *queue);
struct agent *routing_pick(const struct engine *engine, const struct run *run);
bool queue_has_member(const struct queue *queue, struct agent_id agent);

#endif
