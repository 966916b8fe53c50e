#include "engine/engine.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/memory.h"
#include "engine/state.h"

struct engine *engine_create(const struct engine_options *options)
{
    struct engine *engine = memory_new(1, sizeof(*engine));
    engine->options = *options;
    engine->is_store_available = true;
    return engine;
}

static void free_values(struct table *table)
{
    size_t at = 0;
    void *value;
    while (table_next(table, &at, NULL, &value))
        free(value);
    table_fini(table);
}

void engine_destroy(struct engine *engine)
{
    if (!engine)
        return;
    size_t at = 0;
    void *value;
    while (table_next(&engine->runs, &at, NULL, &value))
        run_destroy(value);
    at = 0;
    while (table_next(&engine->agents, &at, NULL, &value))
        agent_destroy(value);
    at = 0;
    while (table_next(&engine->queues, &at, NULL, &value))
        free((void *)((struct queue *)value)->members);
    table_fini(&engine->runs);
    table_fini(&engine->agents);
    free_values(&engine->queues);
    free_values(&engine->codes);
    free_values(&engine->trunks);
    free_values(&engine->zone_sets);
    free_values(&engine->calls);
    table_fini(&engine->agent_legs);
    table_fini(&engine->phones);
    table_fini(&engine->registered);
    free(engine->run_order);
    free(engine->timers);
    free(engine);
}

int64_t engine_draw_id(struct engine *engine)
{
    return engine->options.epoch << 32 | ++engine->sequence;
}

struct run *engine_run(const struct engine *engine, struct campaign_id id)
{
    return table_get(&engine->runs, id.value);
}

struct queue *engine_queue(const struct engine *engine, struct queue_id id)
{
    return table_get(&engine->queues, id.value);
}

struct agent *engine_agent(const struct engine *engine, struct agent_id id)
{
    return table_get(&engine->agents, id.value);
}

const struct zone_set *engine_zone_set(const void *engine, struct zone_set_id id)
{
    return table_get(&((const struct engine *)engine)->zone_sets, id.value);
}

struct command *engine_emit(struct engine *engine, enum command_kind kind)
{
    return commands_add(engine->out, kind);
}

void engine_notify(struct engine *engine, enum notice notice, int64_t id)
{
    struct command *command = engine_emit(engine, COMMAND_NOTIFY);
    command->notify.notice = notice;
    command->notify.id = id;
}

void engine_reply(struct engine *engine, int64_t request, enum status status,
                  const char *format, ...)
{
    if (!request)
        return;
    struct command *command = engine_emit(engine, COMMAND_REPLY);
    command->reply.request = request;
    command->reply.status = status;
    va_list args;
    va_start(args, format);
    vsnprintf(command->reply.text, sizeof(command->reply.text), format, args);
    va_end(args);
}

/* --- Timers: a binary heap on at_us ---------------------------------------------------------
 */

static void timer_sift_down(struct engine *engine, size_t i)
{
    struct timer *timers = engine->timers;
    for (;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < engine->timer_count;
             child++)
            if (timers[child].at_us < timers[least].at_us)
                least = child;
        if (least == i)
            return;
        struct timer swap = timers[i];
        timers[i] = timers[least];
        timers[least] = swap;
        i = least;
    }
}

void timer_set(struct engine *engine, enum timer_kind kind, int64_t id, struct mono at)
{
    engine->timers = memory_grow(engine->timers, &engine->timer_capacity,
                                 engine->timer_count + 1, sizeof(*engine->timers));
    size_t i = engine->timer_count++;
    engine->timers[i] = (struct timer){at.us, kind, id};
    while (i && engine->timers[(i - 1) / 2].at_us > engine->timers[i].at_us) {
        struct timer swap = engine->timers[i];
        engine->timers[i] = engine->timers[(i - 1) / 2];
        engine->timers[(i - 1) / 2] = swap;
        i = (i - 1) / 2;
    }
}

static void run_timer(struct engine *engine, struct run *run)
{
    if (run->wake.us > engine->now.mono.us)
        return;
    run->wake.us = INT64_MAX;
    engine->must_dial = true;
    if (run->due_next.us <= engine->now.wall.us)
        for (size_t i = 0; i < run->lane_count; i++)
            run->lanes[i]->wants_due = true;
}

static void timers_run(struct engine *engine)
{
    while (engine->timer_count && engine->timers[0].at_us <= engine->now.mono.us) {
        struct timer timer = engine->timers[0];
        engine->timers[0] = engine->timers[--engine->timer_count];
        timer_sift_down(engine, 0);
        switch (timer.kind) {
        case TIMER_RUN: {
            struct run *run = engine_run(engine, (struct campaign_id){timer.id});
            if (run)
                run_timer(engine, run);
            break;
        }
        case TIMER_AGENT: {
            struct agent *agent = engine_agent(engine, (struct agent_id){timer.id});
            if (agent)
                agent_timer(engine, agent);
            break;
        }
        }
    }
}

struct mono engine_wake(const struct engine *engine)
{
    return (struct mono){engine->timer_count ? engine->timers[0].at_us : INT64_MAX};
}

/* --- Configuration --------------------------------------------------------------------------
 */

static void queue_config(struct engine *engine, const struct queue *config)
{
    struct queue *queue = engine_queue(engine, config->id);
    if (!queue) {
        queue = memory_new(1, sizeof(*queue));
        table_put(&engine->queues, config->id.value, queue);
    } else {
        free((void *)queue->members);
    }
    *queue = *config;
    struct agent_id *members = memory_new((size_t)config->member_count, sizeof(*members));
    if (config->member_count)
        memcpy(members, config->members, (size_t)config->member_count * sizeof(*members));
    queue->members = members;
    engine->must_dial = true;
}

static void queue_remove(struct engine *engine, struct queue_id id)
{
    struct queue *queue = table_remove(&engine->queues, id.value);
    if (!queue)
        return;
    free((void *)queue->members);
    free(queue);
}

static void trunk_config(struct engine *engine, const struct event_trunk *config)
{
    struct trunk *trunk = table_get(&engine->trunks, config->trunk.value);
    if (!trunk) {
        trunk = memory_new(1, sizeof(*trunk));
        trunk->id = config->trunk;
        trunk->is_up = true; /* until a ping says otherwise */
        trunk->tokens_at = engine->now.mono;
        table_put(&engine->trunks, trunk->id.value, trunk);
    }
    trunk->is_removed = false;
    trunk->channels = config->channels;
    trunk->calls_per_second = config->calls_per_second;
    engine->must_dial = true;
}

/* What is removed while a call still needs it takes no more of them, and goes with the last. */
static void trunk_remove(struct engine *engine, struct trunk_id id)
{
    struct trunk *trunk = table_get(&engine->trunks, id.value);
    if (!trunk)
        return;
    trunk->is_removed = true;
    engine->has_removed = true;
}

static void reap_trunks(struct engine *engine)
{
    size_t at = 0;
    void *value;
    while (table_next(&engine->trunks, &at, NULL, &value)) {
        struct trunk *trunk = value;
        if (!trunk->is_removed)
            continue;
        engine->has_removed = true;
        if (trunk->in_use == 0) {
            table_remove(&engine->trunks, trunk->id.value);
            free(trunk);
            return; /* the table has changed: the next step looks again */
        }
    }
}

static void reap(struct engine *engine)
{
    if (!engine->has_removed)
        return;
    engine->has_removed = false;
    reap_trunks(engine);
    runs_reap(engine);
    agents_reap(engine);
}

static void put_copy(struct table *table, int64_t key, const void *value, size_t size)
{
    void *copy = table_get(table, key);
    if (!copy) {
        copy = memory_new(1, size);
        table_put(table, key, copy);
    }
    memcpy(copy, value, size);
}

static void take_config(struct engine *engine, const struct event *event)
{
    switch ((int)event->kind) {
    case EVENT_CONFIG_CAMPAIGN: run_config(engine, &event->campaign); break;
    case EVENT_CONFIG_CAMPAIGN_REMOVED: run_remove(engine, event->ask.campaign); break;
    case EVENT_CONFIG_QUEUE: queue_config(engine, &event->queue); break;
    case EVENT_CONFIG_QUEUE_REMOVED: queue_remove(engine, event->ask.queue); break;
    case EVENT_CONFIG_AGENT: agents_config(engine, &event->agent); break;
    case EVENT_CONFIG_AGENT_REMOVED: agents_remove(engine, event->ask.agent); break;
    case EVENT_CONFIG_WRAPUP_CODE:
        put_copy(&engine->codes, event->wrapup_code.id.value, &event->wrapup_code,
                 sizeof(event->wrapup_code));
        break;
    case EVENT_CONFIG_TRUNK: trunk_config(engine, &event->trunk); break;
    case EVENT_CONFIG_TRUNK_REMOVED: trunk_remove(engine, event->ask.trunk); break;
    case EVENT_CONFIG_ZONE_SET:
        put_copy(&engine->zone_sets, event->zone_set.id.value, &event->zone_set,
                 sizeof(event->zone_set));
        break;
    case EVENT_CONFIG_RUN: run_restore(engine, event); break;
    default: ensure_never("a configuration event");
    }
    /* A configuration that somebody waits for is taken when this step ends. */
    engine_reply(engine, event->request, STATUS_OK, "taken");
}

/* --- Requests -------------------------------------------------------------------------------
 */

static void ask_about_campaign(struct engine *engine, const struct event *event)
{
    struct run *run = engine_run(engine, event->ask.campaign);
    if (!run) {
        engine_reply(engine, event->request, STATUS_NOT_FOUND, "there is no such campaign");
        return;
    }
    switch ((int)event->kind) {
    case EVENT_ASK_CAMPAIGN_START: run_start(engine, run, event->request); break;
    case EVENT_ASK_CAMPAIGN_STOP: run_stop(engine, run, event->request); break;
    case EVENT_ASK_CAMPAIGN_RECYCLE: run_recycle(engine, run, event->request); break;
    case EVENT_ASK_CAMPAIGN_EXTEND: run_extend(engine, run, event->request); break;
    default: ensure_never("a request about a campaign");
    }
}

static void ask_about_agent(struct engine *engine, const struct event *event)
{
    struct agent *agent = engine_agent(engine, event->ask.agent);
    if (!agent) {
        engine_reply(engine, event->request, STATUS_NOT_FOUND, "there is no such agent");
        return;
    }
    switch ((int)event->kind) {
    case EVENT_ASK_LOG_IN: agent_log_in(engine, agent, event->request); break;
    case EVENT_ASK_LOG_OUT: agent_log_out(engine, agent, event->request); break;
    case EVENT_ASK_READY: agent_ready(engine, agent, event->request); break;
    case EVENT_ASK_NOT_READY:
        agent_not_ready(engine, agent, event->ask.text, event->request);
        break;
    case EVENT_ASK_JOIN: agent_join(engine, agent, event->ask.campaign, event->request); break;
    case EVENT_ASK_LEAVE:
        agent_leave(engine, agent, event->ask.campaign, event->request);
        break;
    default: ensure_never("a request about an agent");
    }
}

/* --- Telephony ------------------------------------------------------------------------------
 */

static void take_leg(struct engine *engine, const struct event *event)
{
    struct agent *agent = table_get(&engine->agent_legs, event->leg.leg.value);
    struct call *call = agent ? NULL : table_get(&engine->calls, event->leg.leg.value);
    switch ((int)event->kind) {
    case EVENT_LEG_RINGING:
        if (call)
            attempt_ringing(engine, call);
        break;
    case EVENT_LEG_EARLY: break; /* heard by telephony's tone detector */
    case EVENT_LEG_ANSWERED:
        if (agent)
            agent_leg_answered(engine, agent);
        else if (call)
            attempt_answered(engine, call);
        break;
    case EVENT_LEG_ENDED:
        if (agent)
            agent_leg_ended(engine, agent);
        else if (call)
            attempt_ended(engine, call, event);
        break;
    default: ensure_never("an event of a leg");
    }
}

static void take_trunk_state(struct engine *engine, const struct event *event)
{
    struct trunk *trunk = table_get(&engine->trunks, event->trunk_state.trunk.value);
    if (!trunk)
        return;
    trunk->is_up = event->trunk_state.is_up;
    engine->must_dial = true;
}

void engine_step(struct engine *engine, const struct event *event, struct now now,
                 struct commands *out)
{
    ensure(now.mono.us >= engine->now.mono.us);
    engine->now = now;
    engine->out = out;
    switch (event->kind) {
    case EVENT_TICK: break;
    case EVENT_CONFIG_CAMPAIGN:
    case EVENT_CONFIG_CAMPAIGN_REMOVED:
    case EVENT_CONFIG_QUEUE:
    case EVENT_CONFIG_QUEUE_REMOVED:
    case EVENT_CONFIG_AGENT:
    case EVENT_CONFIG_AGENT_REMOVED:
    case EVENT_CONFIG_WRAPUP_CODE:
    case EVENT_CONFIG_TRUNK:
    case EVENT_CONFIG_TRUNK_REMOVED:
    case EVENT_CONFIG_ZONE_SET:
    case EVENT_CONFIG_RUN: take_config(engine, event); break;
    case EVENT_ASK_CAMPAIGN_START:
    case EVENT_ASK_CAMPAIGN_STOP:
    case EVENT_ASK_CAMPAIGN_RECYCLE:
    case EVENT_ASK_CAMPAIGN_EXTEND: ask_about_campaign(engine, event); break;
    case EVENT_ASK_LOG_IN:
    case EVENT_ASK_LOG_OUT:
    case EVENT_ASK_READY:
    case EVENT_ASK_NOT_READY:
    case EVENT_ASK_JOIN:
    case EVENT_ASK_LEAVE: ask_about_agent(engine, event); break;
    case EVENT_ASK_HANG_UP: agent_ask_hang_up(engine, event); break;
    case EVENT_ASK_WRAPUP: agent_ask_wrapup(engine, event); break;
    case EVENT_STORE_PASS: run_pass_drawn(engine, event); break;
    case EVENT_STORE_BUILD: lanes_built(engine, event); break;
    case EVENT_STORE_LANES: lanes_listed(engine, event); break;
    case EVENT_STORE_CLAIMED: lanes_claimed(engine, event); break;
    case EVENT_STORE_WRITTEN: attempt_written(engine, event); break;
    case EVENT_STORE_AVAILABLE:
        engine->is_store_available = event->store.is_available;
        engine->must_dial = true;
        break;
    case EVENT_LEG_RINGING:
    case EVENT_LEG_EARLY:
    case EVENT_LEG_ANSWERED:
    case EVENT_LEG_ENDED: take_leg(engine, event); break;
    case EVENT_PHONE:
        agent_phone_state(engine, event->phone.phone, event->phone.is_registered);
        break;
    case EVENT_TRUNK: take_trunk_state(engine, event); break;
    }
    timers_run(engine);
    if (engine->must_dial) {
        engine->must_dial = false;
        selection_dial(engine);
    }
    reap(engine);
    engine->out = NULL;
}
