/* selection.c -- turns of dialing: whose turn, which contact, may they be called, by whom.
 * Campaigns take turns by priority, then by their list's, equals by who was served least; each
 * turn starts at most one call. What stops a campaign is kept as its health, for people to
 * read. */
#include <string.h>

#include "engine/state.h"

enum turn { TURN_DIALED, TURN_PASSED_OVER, TURN_WAITING };

static void trunk_refill(struct engine *engine, struct trunk *trunk)
{
    double elapsed = (double)(engine->now.mono.us - trunk->tokens_at.us) / (double)US_PER_S;
    trunk->tokens_at = engine->now.mono;
    trunk->tokens += elapsed * trunk->calls_per_second;
    /* A tenth of a second may be caught up at once, and always one call. */
    double most = trunk->calls_per_second / 10.0 < 1 ? 1 : trunk->calls_per_second / 10.0;
    if (trunk->tokens > most)
        trunk->tokens = most;
}

static bool trunk_has_line(struct engine *engine, struct trunk *trunk)
{
    if (!trunk->is_up || trunk->is_removed ||
        (trunk->channels && trunk->in_use >= trunk->channels))
        return false;
    if (!trunk->calls_per_second)
        return true;
    trunk_refill(engine, trunk);
    return trunk->tokens >= 1;
}

/* The campaign's trunk, or the least used that has a line. */
static struct trunk *pick_trunk(struct engine *engine, const struct run *run)
{
    if (run->config.line_count && run->call_count >= run->config.line_count)
        return NULL;
    if (run->config.trunk.value) {
        struct trunk *trunk = table_get(&engine->trunks, run->config.trunk.value);
        return trunk && trunk_has_line(engine, trunk) ? trunk : NULL;
    }
    struct trunk *best = NULL;
    size_t at = 0;
    void *value;
    while (table_next(&engine->trunks, &at, NULL, &value)) {
        struct trunk *trunk = value;
        bool is_better = !best || trunk->in_use < best->in_use ||
                         (trunk->in_use == best->in_use && trunk->id.value < best->id.value);
        if (is_better && trunk_has_line(engine, trunk))
            best = trunk;
    }
    return best;
}

void situation_fill(const struct engine *engine, const struct run *run,
                    struct gate_situation *situation)
{
    *situation = (struct gate_situation){
        .status = run->status,
        .pass = run->pass,
        .has_agent = run->config.mode == MODE_AGENTLESS,
        .zones = engine->options.zones,
        .zone_set = engine_zone_set,
        .context = engine,
    };
}

static void run_wake_at(struct engine *engine, struct run *run, struct mono at)
{
    if (at.us >= run->wake.us || at.us == INT64_MAX)
        return;
    if (at.us <= engine->now.mono.us)
        at.us = engine->now.mono.us + 1;
    run->wake = at;
    timer_set(engine, TIMER_RUN, run->config.id.value, at);
}

static void run_wake_wall(struct engine *engine, struct run *run, struct wall at)
{
    if (at.us == INT64_MAX || at.us <= 0)
        return;
    int64_t ahead = at.us - engine->now.wall.us;
    run_wake_at(engine, run, (struct mono){engine->now.mono.us + (ahead > 0 ? ahead : 1)});
}

/* Not now: due again at `until`. Never: passed over in this pass, and counted by reason. */
static void pass_over(struct engine *engine, struct run *run, struct lane *lane,
                      const struct gate_verdict *verdict)
{
    struct candidate candidate = lane_take(lane); /* held until the write is done */
    bool is_deferred = verdict->answer == GATE_NOT_NOW;
    run->pending_writes++;
    struct command *command = engine_emit(engine, COMMAND_WRITE);
    struct dialer_write *write = &command->write;
    write->kind = is_deferred ? DIALER_DEFER : DIALER_SKIP;
    write->campaign = run->config.id;
    write->pass = run->pass;
    write->contact = candidate.contact.id;
    write->at = engine->now.wall;
    write->zone_set = lane->zone_set;
    write->from = candidate.from;
    write->position = candidate.position;
    write->due_from = candidate.due_at;
    write->change.state = candidate.contact.state;
    write->change.is_callable = candidate.contact.is_callable;
    write->change.address_index = -1;
    write->change.next_index = -1;
    write->due_column = candidate.due_column;
    strncpy(write->reason, gate_check_name(verdict->because), sizeof(write->reason) - 1);
    if (is_deferred) {
        write->due_class = candidate.from == DUE_FRESH ? DUE_RECALL : candidate.from;
        write->due_at = verdict->until;
    } else {
        run->skipped++;
        run->skips[verdict->because]++;
        engine_notify(engine, NOTICE_CAMPAIGN, run->config.id.value);
    }
}

/* Hands the first candidate to an agent, or to nobody, and starts the attempt. */
static enum turn dial(struct engine *engine, struct run *run, struct lane *lane,
                      struct agent *agent, int32_t address_index)
{
    const struct queue *queue = engine_queue(engine, run->config.queue);
    bool must_ring = agent && agent->leg_state != AGENT_LEG_UP;
    run->served++;
    if (agent)
        run->last_agent = agent->id;
    if (must_ring ||
        (agent && queue && queue->distribution == DISTRIBUTION_RING_ALL && queue->is_per_call))
        attempt_offer(engine, run, lane, address_index);
    else
        attempt_start(engine, run, lane, agent, address_index);
    return TURN_DIALED;
}

static enum campaign_health health_without_candidate(const struct run *run)
{
    for (size_t i = 0; i < run->lane_count; i++)
        if (run->lanes[i]->head_count)
            return HEALTH_OUTSIDE_HOURS; /* there are contacts, and no open zone */
    return run->stage == STAGE_BUILT ? HEALTH_WAITING_FOR_CONTACTS : HEALTH_BUILDING;
}

static enum turn take_turn(struct engine *engine, struct run *run)
{
    if (run->config.list_state == LIST_STOPPED) {
        run->health = HEALTH_LIST_STOPPED;
        return TURN_WAITING;
    }
    if (!run->pass || run->stage == STAGE_DRAWING) {
        run->health = HEALTH_BUILDING;
        return TURN_WAITING;
    }
    if (engine->now.mono.us < run->pause_until.us) {
        run_wake_at(engine, run, run->pause_until);
        return TURN_WAITING;
    }
    struct agent *agent = NULL;
    if (run->config.mode != MODE_AGENTLESS) {
        agent = routing_pick(engine, run);
        if (!agent) {
            run->health = HEALTH_WAITING_FOR_AGENTS;
            return TURN_WAITING;
        }
    }
    struct trunk *trunk = pick_trunk(engine, run);
    if (!trunk) {
        run->health = HEALTH_WAITING_FOR_LINES;
        run_wake_at(engine, run, (struct mono){engine->now.mono.us + 10 * US_PER_MS});
        return TURN_WAITING;
    }
    struct lane *lane = lanes_best(engine, run);
    if (!lane) {
        run->health = health_without_candidate(run);
        return TURN_WAITING;
    }
    struct candidate *candidate = &lane->head[0];
    if (!gate_list_lets(run->config.list_state, candidate->from)) {
        run->health = HEALTH_LIST_STOPPED; /* due classes come first: none is left */
        return TURN_WAITING;
    }
    if (candidate->contact.pass != run->pass)
        for (int32_t i = 0; i < candidate->contact.address_count; i++) {
            candidate->contact.addresses[i].attempts = 0; /* counts are of a pass */
            memset(candidate->contact.addresses[i].recalls, 0, RECALL_COUNT);
            if (candidate->contact.addresses[i].state == ADDRESS_FAILED)
                candidate->contact.addresses[i].state = ADDRESS_WAITING;
        }
    struct gate_situation situation;
    situation_fill(engine, run, &situation);
    situation.has_agent = true;
    situation.has_line = true;
    struct gate_verdict verdict =
        gate_check_contact(&run->config, candidate, &situation, engine->now.wall, NULL);
    if (verdict.answer != GATE_DIAL) {
        pass_over(engine, run, lane, &verdict);
        return TURN_PASSED_OVER;
    }
    run->health = HEALTH_DIALING;
    trunk->in_use++;
    if (trunk->calls_per_second)
        trunk->tokens -= 1;
    enum turn turn = dial(engine, run, lane, agent, verdict.address_index);
    run->calls->trunk = trunk;
    return turn;
}

static struct run *next_run(struct engine *engine)
{
    struct run *best = NULL;
    for (size_t i = 0; i < engine->run_count; i++) {
        struct run *run = engine->run_order[i];
        if (run->status != CAMPAIGN_ON || run->is_waiting)
            continue;
        if (best && run_precedence(best, run) < 0)
            break;
        if (!best || run->served < best->served)
            best = run;
    }
    return best;
}

static void look_again(struct engine *engine, struct run *run)
{
    lanes_refill(engine, run);
    run_settle(engine, run);
    if (run->status != CAMPAIGN_ON)
        return;
    run_wake_wall(engine, run, run->due_next);
    for (size_t i = 0; i < run->lane_count; i++)
        if (run->lanes[i]->head_count && run->lanes[i]->opens_at.us > engine->now.wall.us)
            run_wake_wall(engine, run, run->lanes[i]->opens_at);
}

void selection_dial(struct engine *engine)
{
    for (size_t i = 0; i < engine->run_count; i++)
        engine->run_order[i]->is_waiting = false;
    int32_t turns = 0;
    struct run *run;
    while (engine->is_store_available && turns < DIAL_BURST &&
           (run = next_run(engine)) != NULL) {
        turns++;
        run->is_waiting = take_turn(engine, run) == TURN_WAITING;
    }
    /* More could start: come back at once, after what waits in the mailbox. */
    for (size_t i = 0; i < engine->run_count; i++) {
        struct run *other = engine->run_order[i];
        if (other->status == CAMPAIGN_OFF || other->status == CAMPAIGN_COMPLETE ||
            other->status == CAMPAIGN_INVALID)
            continue;
        if (turns >= DIAL_BURST && !other->is_waiting)
            run_wake_at(engine, other, engine->now.mono);
        if (!engine->is_store_available)
            other->health = HEALTH_STORE_UNAVAILABLE;
        look_again(engine, other);
    }
}
