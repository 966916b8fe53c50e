/* run.c -- a campaign's run through its list: start, stop, passes, the end.
 *
 *   IDLE --start, new pass--> DRAWING --pass drawn--> BUILDING --all chunks--> BUILT
 *   IDLE --start, same pass------------------------> BUILDING
 * Dialing begins as soon as a first chunk is built. */
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/memory.h"
#include "engine/state.h"

#define RECYCLE_PAUSE_US (5 * US_PER_S)

static struct time_slot *copy_slots(const struct time_set *times)
{
    if (!times->slot_count)
        return NULL;
    struct time_slot *slots = memory_new((size_t)times->slot_count, sizeof(*slots));
    memcpy(slots, times->slots, (size_t)times->slot_count * sizeof(*slots));
    return slots;
}

/* The campaign's priority first, then its list's. */
int run_precedence(const struct run *left, const struct run *right)
{
    const struct campaign *a = &left->config, *b = &right->config;
    if (a->priority != b->priority)
        return a->priority > b->priority ? -1 : 1;
    return (a->list_priority < b->list_priority) - (a->list_priority > b->list_priority);
}

static int compare_runs(const void *a, const void *b)
{
    const struct run *left = *(struct run *const *)a, *right = *(struct run *const *)b;
    int precedence = run_precedence(left, right);
    if (precedence)
        return precedence;
    return left->config.id.value < right->config.id.value ? -1 : 1;
}

static void order_runs(struct engine *engine)
{
    if (engine->run_count)
        qsort(engine->run_order, engine->run_count, sizeof(*engine->run_order), compare_runs);
}

void run_config(struct engine *engine, const struct campaign *config)
{
    struct run *run = engine_run(engine, config->id);
    if (!run) {
        run = memory_new(1, sizeof(*run));
        run->due_next.us = INT64_MAX;
        run->wake.us = INT64_MAX;
        table_put(&engine->runs, config->id.value, run);
        engine->run_order = memory_grow(engine->run_order, &engine->run_capacity,
                                        engine->run_count + 1, sizeof(struct run *));
        engine->run_order[engine->run_count++] = run;
    } else {
        free((void *)run->config.times.slots);
    }
    run->config = *config;
    run->config.times.slots = copy_slots(&config->times);
    order_runs(engine);
    /* Another time set may open lanes that were closed. */
    for (size_t i = 0; i < run->lane_count; i++)
        run->lanes[i]->opens_at.us = 0;
    engine->must_dial = true;
    engine_notify(engine, NOTICE_CAMPAIGN, config->id.value);
}

void run_restore(struct engine *engine, const struct event *event)
{
    struct run *run = engine_run(engine, event->run.campaign);
    if (!run || run->stage != STAGE_IDLE)
        return;
    run->pass = event->run.pass;
    run->attempts = event->run.attempts;
    run->contacts_called = event->run.contacts_called;
    run->skipped = event->run.skipped;
    memcpy(run->outcomes, event->run.outcomes, sizeof(run->outcomes));
    run->status = event->run.status;
    /* What was draining when the process died has drained. */
    if (run->status == CAMPAIGN_STOPPING)
        run_set_status(engine, run, CAMPAIGN_OFF);
    if (run->status == CAMPAIGN_ON) {
        run->status = CAMPAIGN_OFF;
        run_start(engine, run, 0);
    }
}

void run_destroy(struct run *run)
{
    if (!run)
        return;
    lanes_clear(run);
    free(run->lanes);
    table_fini(&run->held);
    free((void *)run->config.times.slots);
    free(run);
}

void run_remove(struct engine *engine, struct campaign_id id)
{
    struct run *run = engine_run(engine, id);
    if (!run)
        return;
    run->is_removed = true;
    run->status = CAMPAIGN_OFF; /* dials no more; calls under way go on */
    engine->has_removed = true;
}

static void run_reap(struct engine *engine, size_t at)
{
    struct run *run = engine->run_order[at];
    table_remove(&engine->runs, run->config.id.value);
    engine->run_order[at] = engine->run_order[--engine->run_count];
    order_runs(engine);
    run_destroy(run);
}

void runs_reap(struct engine *engine)
{
    for (size_t i = engine->run_count; i-- > 0;) {
        const struct run *run = engine->run_order[i];
        if (!run->is_removed)
            continue;
        engine->has_removed = true;
        if (run->calls)
            continue;
        run_reap(engine, i);
        return; /* the order has changed: the next step looks again */
    }
}

void run_set_status(struct engine *engine, struct run *run, enum campaign_status status)
{
    run->status = status;
    struct command *command = engine_emit(engine, COMMAND_WRITE);
    command->write.kind = DIALER_RUN;
    command->write.campaign = run->config.id;
    command->write.pass = run->pass;
    command->write.at = engine->now.wall;
    command->write.status = status;
    engine_notify(engine, NOTICE_CAMPAIGN, run->config.id.value);
}

void run_build_next(struct engine *engine, struct run *run, bool is_first)
{
    run->stage = STAGE_BUILDING;
    struct command *command = engine_emit(engine, COMMAND_BUILD_QUEUE);
    command->build.is_first = is_first;
    struct queue_order *order = &command->build.order;
    order->campaign = run->config.id;
    order->list = run->config.list;
    order->pass = run->pass;
    order->column_count = run->config.address_column_count;
    memcpy(order->columns, run->config.address_columns, sizeof(order->columns));
    order->now = engine->now.wall;
}

static void draw_pass(struct engine *engine, struct run *run)
{
    run->stage = STAGE_DRAWING;
    engine_emit(engine, COMMAND_DRAW_PASS)->campaign.campaign = run->config.id;
}

/* Why this campaign cannot start; NULL = it can. */
static const char *start_obstacle(const struct engine *engine, const struct run *run)
{
    switch (run->config.mode) {
    case MODE_PROGRESSIVE:
        if (!engine_queue(engine, run->config.queue))
            return "a progressive campaign needs a queue; choose one and start again";
        break;
    case MODE_AGENTLESS:
        if (run->config.line_count <= 0)
            return "an agentless campaign needs outboundLineCount; set it and start again";
        break;
    case MODE_PREVIEW:
    case MODE_POWER:
    case MODE_PREDICTIVE:
    case MODE_EXTERNAL:
        return "this dialing mode cannot be started yet; use progressive or agentless";
    }
    if (!run->config.list.value)
        return "the campaign has no contact list; choose one and start again";
    if (!run->config.address_column_count)
        return "the campaign has no phone column; choose one and start again";
    if (!engine->trunks.count)
        return "there is no trunk to call through; create one and start again";
    return NULL;
}

/* Two running campaigns never share a list. */
static const struct run *list_user(const struct engine *engine, const struct run *run)
{
    for (size_t i = 0; i < engine->run_count; i++) {
        const struct run *other = engine->run_order[i];
        bool is_running = other->status == CAMPAIGN_ON || other->status == CAMPAIGN_STOPPING;
        if (other != run && is_running && other->config.list.value == run->config.list.value)
            return other;
    }
    return NULL;
}

void run_start(struct engine *engine, struct run *run, int64_t request)
{
    if (run->status == CAMPAIGN_ON) {
        engine_reply(engine, request, STATUS_OK, "the campaign is on already");
        return;
    }
    const char *obstacle = start_obstacle(engine, run);
    const struct run *other = obstacle ? NULL : list_user(engine, run);
    if (obstacle || other) {
        if (obstacle)
            engine_reply(engine, request, STATUS_CONFLICT, "%s", obstacle);
        else
            engine_reply(engine, request, STATUS_CONFLICT,
                         "the contact list is being dialed by campaign %.80s; stop that first",
                         other->config.name);
        if (!request) /* it was on when the process ended, and something is missing since */
            run_set_status(engine, run, CAMPAIGN_INVALID);
        return;
    }
    bool is_new_pass = run->pass == 0 || run->status == CAMPAIGN_COMPLETE;
    if (run->status != CAMPAIGN_STOPPING)
        lanes_clear(run);
    run_set_status(engine, run, CAMPAIGN_ON);
    run->due_next.us = INT64_MAX;
    run->pause_until.us = 0;
    if (run->stage == STAGE_IDLE || run->stage == STAGE_BUILT) {
        if (is_new_pass)
            draw_pass(engine, run);
        else
            run_build_next(engine, run, true);
    }
    engine->must_dial = true;
    engine_reply(engine, request, STATUS_OK, "started");
}

void run_stop(struct engine *engine, struct run *run, int64_t request)
{
    if (run->status == CAMPAIGN_ON) {
        run_set_status(engine, run, CAMPAIGN_STOPPING);
        run_settle(engine, run);
    }
    engine_reply(engine, request, STATUS_OK, "stopped");
}

void run_recycle(struct engine *engine, struct run *run, int64_t request)
{
    if (run->recycled_at.us && engine->now.mono.us - run->recycled_at.us < RECYCLE_PAUSE_US) {
        engine_reply(engine, request, STATUS_CONFLICT,
                     "the campaign was recycled less than 5 seconds ago; wait and try again");
        return;
    }
    if (run->stage == STAGE_DRAWING || run->stage == STAGE_BUILDING) {
        engine_reply(engine, request, STATUS_CONFLICT,
                     "the dial queue is being built; wait for it and try again");
        return;
    }
    run->recycled_at = engine->now.mono;
    if (run->status == CAMPAIGN_ON || run->status == CAMPAIGN_STOPPING) {
        lanes_clear(run);
        draw_pass(engine, run);
    } else {
        run->pass = 0; /* the next start draws a new one */
        run_set_status(engine, run, CAMPAIGN_OFF);
    }
    engine_reply(engine, request, STATUS_OK, "recycled");
}

void run_extend(struct engine *engine, struct run *run, int64_t request)
{
    if (run->status == CAMPAIGN_ON) {
        if (run->stage == STAGE_BUILT)
            run_build_next(engine, run, false);
        else
            run->is_extending = true; /* once more when this build is done */
    }
    engine_reply(engine, request, STATUS_OK, "taken");
}

void run_pass_drawn(struct engine *engine, const struct event *event)
{
    struct run *run = engine_run(engine, event->drawn.campaign);
    if (!run || run->stage != STAGE_DRAWING)
        return;
    run->stage = STAGE_IDLE;
    if (!event->drawn.is_ok) { /* the store will be back: the run starts again from here */
        if (run->status == CAMPAIGN_ON)
            draw_pass(engine, run);
        return;
    }
    run->pass = event->drawn.pass;
    run->attempts = run->contacts_called = run->skipped = 0;
    run->queue_looked_at = run->queue_size = 0;
    memset(run->outcomes, 0, sizeof(run->outcomes));
    memset(run->skips, 0, sizeof(run->skips));
    run_set_status(engine, run, run->status);
    if (run->status == CAMPAIGN_ON)
        run_build_next(engine, run, true);
}

void run_attempt_counted(struct engine *engine, struct run *run, bool is_first)
{
    run->attempts++;
    if (is_first)
        run->contacts_called++;
    int64_t second = engine->now.mono.us / US_PER_S;
    size_t slot = (size_t)(second % RATE_SLOTS);
    if (run->rate_minute[slot] != second) {
        run->rate_minute[slot] = second;
        run->rate_count[slot] = 0;
    }
    run->rate_count[slot]++;
}

/* Whether nothing will ever come in this pass. */
static bool is_exhausted(const struct run *run)
{
    return run->stage == STAGE_BUILT && !run->is_listing && !run->calls &&
           run->pending_writes == 0 && run->due_next.us == INT64_MAX && lanes_are_drained(run);
}

void run_settle(struct engine *engine, struct run *run)
{
    if (run->status == CAMPAIGN_STOPPING && run->call_count == 0) {
        lanes_clear(run);
        if (run->stage == STAGE_BUILT)
            run->stage = STAGE_IDLE;
        run_set_status(engine, run, CAMPAIGN_OFF);
    } else if (run->status == CAMPAIGN_ON && !run->config.is_always_running &&
               is_exhausted(run)) {
        run->stage = STAGE_IDLE;
        lanes_clear(run);
        run_set_status(engine, run, CAMPAIGN_COMPLETE);
    }
}
