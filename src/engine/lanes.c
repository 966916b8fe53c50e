/* lanes.c -- the heads of candidates that a run keeps ready, one per zone set.
 *
 * Invariants:
 *   L1  a contact in a head is in run->held; it leaves held when the store has answered the
 * last write about it, so that no claim brings it back before that; L2  at most one claim per
 * lane is under way; L3  fresh candidates leave a head in the order of their rank, so the
 * stored cursor, which moves with the writes, never passes one that is still in the head. */
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/memory.h"
#include "engine/state.h"

struct lane *lane_find(const struct run *run, struct zone_set_id zone_set)
{
    for (size_t i = 0; i < run->lane_count; i++)
        if (run->lanes[i]->zone_set.value == zone_set.value)
            return run->lanes[i];
    return NULL;
}

struct lane *lane_ensure(struct run *run, struct zone_set_id zone_set)
{
    struct lane *lane = lane_find(run, zone_set);
    if (lane)
        return lane;
    lane = memory_new(1, sizeof(*lane));
    lane->zone_set = zone_set;
    lane->cursor.rank_len = -1;
    run->lanes = memory_grow(run->lanes, &run->lane_capacity, run->lane_count + 1,
                             sizeof(struct lane *));
    run->lanes[run->lane_count++] = lane;
    return lane;
}

void lanes_clear(struct run *run)
{
    for (size_t i = 0; i < run->lane_count; i++) {
        struct lane *lane = run->lanes[i];
        for (size_t j = 0; j < lane->head_count; j++)
            table_remove(&run->held, lane->head[j].contact.id.value);
        free(lane->head);
        free(lane);
    }
    run->lane_count = 0;
    run->is_listing = run->has_new_rows = false;
}

/* Due classes first, in their order and by time; then fresh ones by rank. */
static int compare(const struct candidate *a, const struct candidate *b)
{
    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    if (a->from != DUE_FRESH) {
        if (a->due_at.us != b->due_at.us)
            return a->due_at.us < b->due_at.us ? -1 : 1;
    } else {
        int32_t len = a->position.rank_len < b->position.rank_len ? a->position.rank_len
                                                                  : b->position.rank_len;
        int order = len > 0 ? memcmp(a->position.rank, b->position.rank, (size_t)len) : 0;
        if (order)
            return order;
        if (a->position.rank_len != b->position.rank_len)
            return a->position.rank_len < b->position.rank_len ? -1 : 1;
    }
    int64_t left = a->contact.id.value, right = b->contact.id.value;
    return left < right ? -1 : left > right;
}

static void insert(struct lane *lane, const struct candidate *candidate)
{
    lane->head = memory_grow(lane->head, &lane->head_capacity, lane->head_count + 1,
                             sizeof(*lane->head));
    size_t at = lane->head_count;
    while (at && compare(candidate, &lane->head[at - 1]) < 0)
        at--;
    memmove(&lane->head[at + 1], &lane->head[at],
            (lane->head_count - at) * sizeof(*lane->head));
    lane->head[at] = *candidate;
    lane->head_count++;
}

struct candidate lane_take(struct lane *lane)
{
    ensure(lane->head_count > 0);
    struct candidate first = lane->head[0];
    lane->head_count--;
    memmove(&lane->head[0], &lane->head[1], lane->head_count * sizeof(*lane->head));
    return first;
}

void lane_give_back(struct lane *lane, const struct candidate *candidate)
{
    insert(lane, candidate);
}

bool lanes_are_drained(const struct run *run)
{
    for (size_t i = 0; i < run->lane_count; i++) {
        const struct lane *lane = run->lanes[i];
        if (lane->head_count || lane->is_claiming || !lane->is_drained || lane->wants_due)
            return false;
    }
    return true;
}

void claim_fill(const struct engine *engine, const struct run *run, struct wall now,
                struct claim *claim)
{
    const struct campaign *config = &run->config;
    claim->campaign = config->id;
    claim->list = config->list;
    claim->pass = run->pass;
    claim->now = now;
    claim->dnc_list_count = config->dnc_list_count;
    memcpy(claim->dnc_lists, config->dnc_lists, sizeof(claim->dnc_lists));
    memcpy(claim->dnc_columns, config->dnc_columns, sizeof(claim->dnc_columns));
    struct wall since = gate_limit_since(config, engine->options.zones, now);
    claim->contact_since = config->limits.per_contact ? since : (struct wall){0};
    claim->number_since = config->limits.per_number ? since : (struct wall){0};
}

static void claim_more(struct engine *engine, struct run *run, struct lane *lane)
{
    bool needs_fresh = !lane->is_drained && lane->head_count < HEAD_LOW;
    if (lane->is_claiming || (!needs_fresh && !lane->wants_due))
        return;
    struct command *command = engine_emit(engine, COMMAND_CLAIM);
    struct claim *claim = &command->claim;
    claim_fill(engine, run, engine->now.wall, claim);
    claim->zone_set = lane->zone_set;
    claim->after = lane->cursor;
    claim->fresh_limit = needs_fresh ? HEAD_FULL - (int32_t)lane->head_count : 0;
    claim->due_limit = HEAD_LOW;
    lane->is_claiming = true;
    lane->wants_due = false;
}

void lanes_refill(struct engine *engine, struct run *run)
{
    if (run->status != CAMPAIGN_ON || !run->pass || !engine->is_store_available)
        return;
    for (size_t i = 0; i < run->lane_count; i++)
        claim_more(engine, run, run->lanes[i]);
}

static void list_lanes(struct engine *engine, struct run *run)
{
    if (run->is_listing)
        return;
    run->is_listing = true;
    engine_emit(engine, COMMAND_LIST_LANES)->campaign.campaign = run->config.id;
}

void lanes_built(struct engine *engine, const struct event *event)
{
    struct run *run = engine_run(engine, event->build.campaign);
    if (!run || run->stage != STAGE_BUILDING || run->pass != event->build.pass)
        return;
    if (run->status != CAMPAIGN_ON) {
        run->stage = STAGE_IDLE;
        run_settle(engine, run);
        return;
    }
    bool has_grown = event->build.queued != run->queue_size || event->build.is_done;
    run->queue_looked_at = event->build.looked_at;
    run->queue_size = event->build.queued;
    bool is_done = event->build.is_ok && event->build.is_done;
    if (is_done && run->is_extending) {
        run->is_extending = false;
        is_done = false;
    }
    if (is_done) {
        run->stage = STAGE_BUILT;
    } else {
        run_build_next(engine, run, false);
    }
    if (has_grown) {
        run->has_new_rows = true;
        list_lanes(engine, run);
    }
    engine_notify(engine, NOTICE_CAMPAIGN, run->config.id.value);
}

void lanes_listed(struct engine *engine, const struct event *event)
{
    struct run *run = engine_run(engine, event->lanes.campaign);
    if (!run || !run->is_listing)
        return;
    run->is_listing = false;
    if (!event->lanes.is_ok) {
        list_lanes(engine, run);
        return;
    }
    for (int32_t i = 0; i < event->lanes.count; i++) {
        struct lane *lane = lane_ensure(run, event->lanes.zone_sets[i]);
        if (run->has_new_rows)
            lane->is_drained = false;
    }
    run->has_new_rows = false;
    engine->must_dial = true;
}

void lanes_claimed(struct engine *engine, const struct event *event)
{
    struct run *run = engine_run(engine, event->claimed.campaign);
    struct lane *lane = run ? lane_find(run, event->claimed.zone_set) : NULL;
    if (!lane || run->pass != event->claimed.pass)
        return;
    lane->is_claiming = false;
    engine->must_dial = true;
    if (!event->claimed.is_ok) {
        run->pause_until = (struct mono){engine->now.mono.us + US_PER_S};
        lane->wants_due = true;
        return;
    }
    int32_t due_count = 0;
    for (int32_t i = 0; i < event->claimed.count; i++) {
        const struct candidate *candidate = &event->claimed.candidates[i];
        if (candidate->from == DUE_FRESH)
            lane->cursor = candidate->position;
        else
            due_count++;
        if (table_get(&run->held, candidate->contact.id.value))
            continue;
        table_put(&run->held, candidate->contact.id.value, run);
        insert(lane, candidate);
    }
    lane->is_drained = event->claimed.is_drained;
    lane->wants_due = lane->wants_due || due_count >= HEAD_LOW;
    lanes_due_changed(engine, run, event->claimed.due_next);
}

void lanes_due_changed(struct engine *engine, struct run *run, struct wall due_at)
{
    if (run->due_next.us <= engine->now.wall.us)
        run->due_next.us = INT64_MAX; /* its time has come: lanes were told, or are now */
    if (due_at.us < run->due_next.us)
        run->due_next = due_at;
    if (due_at.us <= engine->now.wall.us)
        for (size_t i = 0; i < run->lane_count; i++)
            run->lanes[i]->wants_due = true;
}

/* Whether the campaign's hours allow this lane now; remembers until when not. */
static bool is_open(struct engine *engine, struct run *run, struct lane *lane)
{
    if (!run->config.times.id)
        return true;
    if (lane->opens_at.us > engine->now.wall.us)
        return false;
    struct wall until;
    const struct zone_set *zones = engine_zone_set(engine, lane->zone_set);
    switch (time_set_check(&run->config.times, engine->options.zones, zones, engine->now.wall,
                           &until)) {
    case TIME_SET_OPEN: return true;
    case TIME_SET_CLOSED: lane->opens_at = until; return false;
    case TIME_SET_ZONE_UNKNOWN: return true; /* the gate refuses each, and counts it */
    }
    return true;
}

struct lane *lanes_best(struct engine *engine, struct run *run)
{
    struct lane *best = NULL;
    for (size_t i = 0; i < run->lane_count; i++) {
        struct lane *lane = run->lanes[i];
        if (!lane->head_count || !is_open(engine, run, lane))
            continue;
        if (!best || compare(&lane->head[0], &best->head[0]) < 0)
            best = lane;
    }
    return best;
}
