/* agents.c -- people who take calls: their states (model/agent.h), wishes and phones.
 *
 * Invariants:
 *   G1  agent->call is set exactly in RESERVED, ON_CALL and WRAPUP;
 *   G2  a leg is in engine->agent_legs exactly while agent->leg is not 0; a leg that we dropped
 *       is forgotten at once, so its late ENDED means nothing;
 *   G3  what an agent asks for during a call is remembered and done when it is over. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/memory.h"
#include "engine/state.h"

#define LOG_IN_RING_MS 30000

void agent_set(struct engine *engine, struct agent *agent, enum agent_state state,
               const char *reason)
{
    ensure(state == agent->state || agent_state_may_follow(agent->state, state));
    /* Being reserved in vain does not cost the place in the queue of the longest idle. */
    if (state == AGENT_READY && agent->state != AGENT_RESERVED)
        agent->idle_since = engine->now.mono;
    agent->state = state;
    agent->since = engine->now.wall;
    snprintf(agent->reason, sizeof(agent->reason), "%s", reason);
    engine->must_dial = true;
    engine_notify(engine, NOTICE_AGENT, agent->id.value);
}

void agents_config(struct engine *engine, const struct event_agent *config)
{
    struct agent *agent = engine_agent(engine, config->agent);
    if (!agent) {
        agent = memory_new(1, sizeof(*agent));
        agent->id = config->agent;
        agent->since = engine->now.wall;
        table_put(&engine->agents, agent->id.value, agent);
    }
    agent->is_removed = false;
    if (agent->phone && agent->phone != config->phone)
        table_remove(&engine->phones, agent->phone);
    agent->phone = config->phone;
    agent->is_phone_registered = table_get(&engine->registered, agent->phone) != NULL;
    if (agent->phone)
        table_put(&engine->phones, agent->phone, agent);
    engine_notify(engine, NOTICE_AGENT, agent->id.value);
}

void agent_destroy(struct agent *agent)
{
    if (!agent)
        return;
    table_fini(&agent->campaigns);
    free(agent);
}

void agents_remove(struct engine *engine, struct agent_id id)
{
    struct agent *agent = engine_agent(engine, id);
    if (!agent)
        return;
    agent->is_removed = true;
    agent->wants_log_out = true;
    engine->has_removed = true;
}

void agents_reap(struct engine *engine)
{
    size_t at = 0;
    void *value;
    while (table_next(&engine->agents, &at, NULL, &value)) {
        struct agent *agent = value;
        if (!agent->is_removed)
            continue;
        engine->has_removed = true;
        if (agent->call)
            continue;
        agent_drop_leg(engine, agent);
        if (agent->phone)
            table_remove(&engine->phones, agent->phone);
        table_remove(&engine->agents, agent->id.value);
        agent_destroy(agent);
        return; /* the table has changed: the next step looks again */
    }
}

/* --- Phones ---------------------------------------------------------------------------------
 */

void agent_ring(struct engine *engine, struct agent *agent, int64_t ring_timeout_ms,
                bool is_nailed)
{
    ensure(agent->leg_state == AGENT_LEG_NONE);
    agent->leg = engine_draw_id(engine);
    agent->leg_state = AGENT_LEG_RINGING;
    agent->is_leg_nailed = is_nailed;
    table_put(&engine->agent_legs, agent->leg, agent);
    struct command *command = engine_emit(engine, COMMAND_RING_PHONE);
    command->ring.leg.value = agent->leg;
    command->ring.phone = agent->phone;
    command->ring.ring_timeout_ms = ring_timeout_ms;
    command->ring.is_auto_answer = is_nailed;
}

static void forget_leg(struct engine *engine, struct agent *agent)
{
    table_remove(&engine->agent_legs, agent->leg);
    agent->leg = 0;
    agent->leg_state = AGENT_LEG_NONE;
    agent->is_leg_nailed = false;
}

void agent_drop_leg(struct engine *engine, struct agent *agent)
{
    if (agent->leg_state == AGENT_LEG_NONE)
        return;
    engine_emit(engine, COMMAND_HANG_UP)->leg.leg.value = agent->leg;
    forget_leg(engine, agent);
}

/* The next queue of which the agent is a member; start with *at = 0. */
static const struct queue *next_queue(const struct engine *engine, const struct agent *agent,
                                      size_t *at)
{
    void *value;
    while (table_next(&engine->queues, at, NULL, &value))
        if (queue_has_member(value, agent->id))
            return value;
    return NULL;
}

static bool needs_nailed_leg(const struct engine *engine, const struct agent *agent)
{
    size_t at = 0;
    const struct queue *queue;
    while ((queue = next_queue(engine, agent, &at)) != NULL)
        if (!queue->is_per_call)
            return true;
    return false;
}

static bool logs_out_unregistered(const struct engine *engine, const struct agent *agent)
{
    size_t at = 0;
    const struct queue *queue;
    while ((queue = next_queue(engine, agent, &at)) != NULL)
        if (queue->logs_out_unregistered)
            return true;
    return false;
}

static void log_out_now(struct engine *engine, struct agent *agent, const char *reason)
{
    agent_drop_leg(engine, agent);
    agent->wants_ready = agent->wants_not_ready = agent->wants_log_out = false;
    agent_set(engine, agent, AGENT_LOGGED_OUT, reason);
}

/* --- What agents ask ------------------------------------------------------------------------
 */

void agent_log_in(struct engine *engine, struct agent *agent, int64_t request)
{
    if (agent->state != AGENT_LOGGED_OUT) {
        agent->wants_log_out = false;
        engine_reply(engine, request, STATUS_OK, "logged in already");
        return;
    }
    if (!agent->phone) {
        engine_reply(engine, request, STATUS_CONFLICT,
                     "the agent has no phone; assign one and log in again");
        return;
    }
    if (!agent->is_phone_registered) {
        engine_reply(engine, request, STATUS_CONFLICT,
                     "the agent's phone is not registered; connect it and log in again");
        return;
    }
    agent_set(engine, agent, AGENT_NOT_READY, "logged_in");
    if (needs_nailed_leg(engine, agent))
        agent_ring(engine, agent, LOG_IN_RING_MS, true);
    engine_reply(engine, request, STATUS_OK, "logged in");
}

void agent_log_out(struct engine *engine, struct agent *agent, int64_t request)
{
    if (agent->call)
        agent->wants_log_out = true;
    else if (agent->state != AGENT_LOGGED_OUT)
        log_out_now(engine, agent, "");
    engine_reply(engine, request, STATUS_OK, "logged out");
}

/* Ready at once, or as soon as the phone is connected. */
static void become_ready(struct engine *engine, struct agent *agent)
{
    if (agent->leg_state == AGENT_LEG_UP || !needs_nailed_leg(engine, agent)) {
        agent->wants_ready = false;
        agent_set(engine, agent, AGENT_READY, "");
        return;
    }
    agent->wants_ready = true;
    if (agent->leg_state == AGENT_LEG_NONE)
        agent_ring(engine, agent, LOG_IN_RING_MS, true);
}

void agent_ready(struct engine *engine, struct agent *agent, int64_t request)
{
    switch (agent->state) {
    case AGENT_LOGGED_OUT:
        engine_reply(engine, request, STATUS_CONFLICT, "the agent is logged out; log in first");
        return;
    case AGENT_READY: break;
    case AGENT_NOT_READY:
    case AGENT_NOT_RESPONDING:
        if (!agent->is_phone_registered && agent->leg_state != AGENT_LEG_UP) {
            engine_reply(engine, request, STATUS_CONFLICT,
                         "the agent's phone is not registered; connect it first");
            return;
        }
        become_ready(engine, agent);
        break;
    case AGENT_RESERVED:
    case AGENT_ON_CALL:
    case AGENT_WRAPUP: agent->wants_not_ready = agent->wants_log_out = false; break;
    case AGENT_STATE_COUNT: ensure_never("an agent's state");
    }
    engine_reply(engine, request, STATUS_OK, "ready");
}

void agent_not_ready(struct engine *engine, struct agent *agent, const char *reason,
                     int64_t request)
{
    switch (agent->state) {
    case AGENT_LOGGED_OUT:
        engine_reply(engine, request, STATUS_CONFLICT, "the agent is logged out; log in first");
        return;
    case AGENT_READY:
    case AGENT_NOT_READY:
    case AGENT_NOT_RESPONDING:
        agent->wants_ready = false;
        agent_set(engine, agent, AGENT_NOT_READY, reason);
        if (!agent->is_leg_nailed)
            agent_drop_leg(engine, agent);
        break;
    case AGENT_RESERVED:
    case AGENT_ON_CALL:
    case AGENT_WRAPUP:
        agent->wants_not_ready = true;
        snprintf(agent->next_reason, sizeof(agent->next_reason), "%.*s",
                 (int)sizeof(agent->next_reason) - 1, reason);
        break;
    case AGENT_STATE_COUNT: ensure_never("an agent's state");
    }
    engine_reply(engine, request, STATUS_OK, "not ready");
}

bool agent_serves(const struct engine *engine, const struct agent *agent, const struct run *run)
{
    const struct queue *queue = engine_queue(engine, run->config.queue);
    return queue && queue_has_member(queue, agent->id) &&
           (agent->has_joined_all || table_get(&agent->campaigns, run->config.id.value));
}

void agent_join(struct engine *engine, struct agent *agent, struct campaign_id campaign,
                int64_t request)
{
    if (!campaign.value) {
        agent->has_joined_all = true;
    } else {
        struct run *run = engine_run(engine, campaign);
        const struct queue *queue = run ? engine_queue(engine, run->config.queue) : NULL;
        if (!queue || !queue_has_member(queue, agent->id)) {
            engine_reply(engine, request, STATUS_CONFLICT,
                         "the agent is not a member of the campaign's queue; add them first");
            return;
        }
        table_put(&agent->campaigns, campaign.value, agent);
    }
    engine->must_dial = true;
    engine_notify(engine, NOTICE_AGENT, agent->id.value);
    engine_reply(engine, request, STATUS_OK, "joined");
}

void agent_leave(struct engine *engine, struct agent *agent, struct campaign_id campaign,
                 int64_t request)
{
    if (!campaign.value) {
        agent->has_joined_all = false;
        table_fini(&agent->campaigns);
    } else {
        table_remove(&agent->campaigns, campaign.value);
    }
    engine_notify(engine, NOTICE_AGENT, agent->id.value);
    engine_reply(engine, request, STATUS_OK, "left");
}

void agent_ask_hang_up(struct engine *engine, const struct event *event)
{
    struct call *call = table_get(&engine->calls, event->ask.call.value);
    bool is_theirs = call && (!event->ask.agent.value ||
                              (call->agent && call->agent->id.value == event->ask.agent.value));
    if (!is_theirs) {
        engine_reply(engine, event->request, STATUS_NOT_FOUND, "there is no such call");
        return;
    }
    if (call->state == CALL_WRAPUP) {
        engine_reply(engine, event->request, STATUS_CONFLICT, "the call has ended already");
        return;
    }
    attempt_hang_up(engine, call,
                    call->state == CALL_TALKING ? OUTCOME_PERSON : OUTCOME_CANCELLED);
    engine_reply(engine, event->request, STATUS_OK, "hanging up");
}

void agent_ask_wrapup(struct engine *engine, const struct event *event)
{
    struct call *call = table_get(&engine->calls, event->ask.call.value);
    bool is_theirs =
        call && call->agent &&
        (!event->ask.agent.value || call->agent->id.value == event->ask.agent.value);
    if (!is_theirs || (call->state != CALL_WRAPUP && call->state != CALL_TALKING)) {
        engine_reply(engine, event->request, STATUS_NOT_FOUND,
                     "there is no such call to wrap up");
        return;
    }
    if (event->ask.wrapup.value && !table_get(&engine->codes, event->ask.wrapup.value)) {
        engine_reply(engine, event->request, STATUS_INVALID, "there is no such wrap-up code");
        return;
    }
    call->has_wrapup = true;
    call->wrapup = event->ask.wrapup;
    memcpy(call->note, event->ask.text, sizeof(call->note));
    call->note[sizeof(call->note) - 1] = '\0';
    if (call->state == CALL_WRAPUP)
        attempt_wrapped(engine, call);
    engine_reply(engine, event->request, STATUS_OK, "wrapped up");
}

/* --- What calls do to agents ----------------------------------------------------------------
 */

void agent_reserve(struct engine *engine, struct agent *agent, struct call *call)
{
    ensure(!agent->call);
    agent->call = call;
    agent_set(engine, agent, AGENT_RESERVED, "");
}

/* Ready again, or what was asked for meanwhile. */
static void after_call(struct engine *engine, struct agent *agent)
{
    agent->call = NULL;
    bool has_line = agent->leg_state == AGENT_LEG_UP || !needs_nailed_leg(engine, agent);
    if (agent->wants_log_out) {
        log_out_now(engine, agent, "");
    } else if (agent->wants_not_ready) {
        agent->wants_not_ready = false;
        agent_set(engine, agent, AGENT_NOT_READY, agent->next_reason);
    } else if (!has_line) {
        agent_set(engine, agent, AGENT_NOT_READY, "phone_lost");
    } else {
        agent_set(engine, agent, AGENT_READY, "");
    }
    if (agent->state == AGENT_NOT_READY && !agent->is_leg_nailed)
        agent_drop_leg(engine, agent);
}

void agent_release(struct engine *engine, struct agent *agent)
{
    if (agent->state == AGENT_RESERVED)
        after_call(engine, agent);
    else
        agent->call = NULL;
}

void agent_begin_wrapup(struct engine *engine, struct agent *agent, int64_t wrapup_ms)
{
    agent_set(engine, agent, AGENT_WRAPUP, "");
    if (wrapup_ms == QUEUE_WRAPUP_UNTIL_DONE) {
        agent->wrapup_until.us = INT64_MAX;
        agent->wrapup_until_wall.us = 0;
        return;
    }
    agent->wrapup_until = (struct mono){engine->now.mono.us + wrapup_ms * US_PER_MS};
    agent->wrapup_until_wall = (struct wall){engine->now.wall.us + wrapup_ms * US_PER_MS};
    timer_set(engine, TIMER_AGENT, agent->id.value, agent->wrapup_until);
}

void agent_end_wrapup(struct engine *engine, struct agent *agent)
{
    agent->wrapup_until_wall.us = 0;
    after_call(engine, agent);
}

void agent_timer(struct engine *engine, struct agent *agent)
{
    if (agent->state == AGENT_WRAPUP && agent->wrapup_until.us <= engine->now.mono.us)
        attempt_wrapped(engine, agent->call);
}

void agent_leg_answered(struct engine *engine, struct agent *agent)
{
    if (agent->leg_state != AGENT_LEG_RINGING)
        return;
    agent->leg_state = AGENT_LEG_UP;
    engine_notify(engine, NOTICE_AGENT, agent->id.value);
    engine->must_dial = true;
    if (agent->call && agent->call->state == CALL_OFFERING)
        attempt_offer_answered(engine, agent->call, agent);
    else if (agent->wants_ready)
        become_ready(engine, agent);
}

/* G21: who misses a call is logged out where the queue says so, else not responding. */
static void miss(struct engine *engine, struct agent *agent)
{
    struct call *call = agent->call;
    const struct queue *queue = engine_queue(engine, call->run->config.queue);
    agent->call = NULL;
    if (agent->wants_log_out || (queue && queue->logs_out_on_miss))
        log_out_now(engine, agent, "missed_call");
    else
        agent_set(engine, agent, AGENT_NOT_RESPONDING, "missed_call");
    attempt_offer_missed(engine, call);
}

void agent_leg_ended(struct engine *engine, struct agent *agent)
{
    enum agent_leg was = agent->leg_state;
    forget_leg(engine, agent);
    struct call *call = agent->call;
    switch (agent->state) {
    case AGENT_RESERVED:
        if (call->state == CALL_OFFERING) {
            miss(engine, agent);
            return;
        }
        /* The agent hung up while their customer was being dialed. */
        call->agent = NULL;
        attempt_hang_up(engine, call, OUTCOME_CANCELLED);
        agent->call = NULL;
        agent_set(engine, agent, AGENT_NOT_READY, "phone_lost");
        break;
    case AGENT_ON_CALL: attempt_hang_up(engine, call, OUTCOME_PERSON); break;
    case AGENT_READY: agent_set(engine, agent, AGENT_NOT_READY, "phone_lost"); break;
    case AGENT_NOT_READY:
    case AGENT_NOT_RESPONDING:
        if (was == AGENT_LEG_RINGING)
            log_out_now(engine, agent, "phone_did_not_answer");
        break;
    case AGENT_WRAPUP:
    case AGENT_LOGGED_OUT:
    case AGENT_STATE_COUNT: break;
    }
    engine_notify(engine, NOTICE_AGENT, agent->id.value);
}

/* G20: an agent whose phone is gone is logged out where a queue of theirs says so. */
void agent_phone_state(struct engine *engine, int64_t phone, bool is_registered)
{
    if (is_registered)
        table_put(&engine->registered, phone, engine);
    else
        table_remove(&engine->registered, phone);
    struct agent *agent = table_get(&engine->phones, phone);
    if (!agent || agent->is_phone_registered == is_registered)
        return;
    agent->is_phone_registered = is_registered;
    engine->must_dial = true;
    engine_notify(engine, NOTICE_AGENT, agent->id.value);
    if (is_registered || agent->state == AGENT_LOGGED_OUT ||
        !logs_out_unregistered(engine, agent))
        return;
    if (agent->call)
        agent->wants_log_out = true;
    else
        log_out_now(engine, agent, "phone_unregistered");
}
