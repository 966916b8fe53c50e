/* view.c -- reads of the engine between steps: copies for people, programs and explanations. */
#include <stdio.h>
#include <string.h>

#include "base/compiler.h"
#include "engine/state.h"

const char *campaign_health_name(enum campaign_health health)
{
    switch (health) {
    case HEALTH_OFF: return "off";
    case HEALTH_DIALING: return "dialing";
    case HEALTH_BUILDING: return "building";
    case HEALTH_WAITING_FOR_AGENTS: return "waiting_for_agents";
    case HEALTH_WAITING_FOR_CONTACTS: return "waiting_for_contacts";
    case HEALTH_WAITING_FOR_LINES: return "waiting_for_lines";
    case HEALTH_LIST_STOPPED: return "list_stopped";
    case HEALTH_OUTSIDE_HOURS: return "outside_hours";
    case HEALTH_STORE_UNAVAILABLE: return "store_unavailable";
    }
    return "?";
}

const char *call_state_name(enum call_state state)
{
    switch (state) {
    case CALL_OFFERING: return "offering";
    case CALL_INTENT: return "intent";
    case CALL_DIALING: return "dialing";
    case CALL_RINGING: return "ringing";
    case CALL_TALKING: return "talking";
    case CALL_WRAPUP: return "wrapup";
    }
    return "?";
}

static void count_calls(const struct run *run, struct campaign_view *view)
{
    for (const struct call *call = run->calls; call; call = call->next)
        switch (call->state) {
        case CALL_OFFERING: view->calls_offering++; break;
        case CALL_INTENT:
        case CALL_DIALING: view->calls_dialing++; break;
        case CALL_RINGING: view->calls_ringing++; break;
        case CALL_TALKING: view->calls_talking++; break;
        case CALL_WRAPUP: break;
        }
}

static void count_agents(const struct engine *engine, const struct run *run,
                         struct campaign_view *view)
{
    const struct queue *queue = engine_queue(engine, run->config.queue);
    for (int32_t i = 0; queue && i < queue->member_count; i++) {
        const struct agent *agent = engine_agent(engine, queue->members[i]);
        if (agent && (agent->state == AGENT_LOGGED_OUT || agent_serves(engine, agent, run)))
            view->agents[agent->state]++;
    }
}

static int32_t rate_of(const struct engine *engine, const struct run *run)
{
    int64_t second = engine->now.mono.us / US_PER_S;
    int32_t sum = 0;
    for (size_t i = 0; i < RATE_SLOTS; i++)
        if (run->rate_count[i] && run->rate_minute[i] > second - RATE_SLOTS)
            sum += run->rate_count[i];
    return sum;
}

static void fill_campaign(const struct engine *engine, const struct run *run,
                          struct campaign_view *view)
{
    memset(view, 0, sizeof(*view));
    view->id = run->config.id;
    view->status = run->status;
    view->health = run->status == CAMPAIGN_ON ? run->health : HEALTH_OFF;
    /* Every agent or line at work is what dialing looks like; waiting is when nothing moves. */
    bool is_waiting = view->health == HEALTH_WAITING_FOR_AGENTS ||
                      view->health == HEALTH_WAITING_FOR_CONTACTS ||
                      view->health == HEALTH_WAITING_FOR_LINES;
    if (is_waiting && run->call_count > 0)
        view->health = HEALTH_DIALING;
    view->pass = run->pass;
    view->queue_looked_at = run->queue_looked_at;
    view->queue_size = run->queue_size;
    view->is_queue_built = run->stage == STAGE_BUILT;
    view->due_next.us = run->due_next.us == INT64_MAX ? 0 : run->due_next.us;
    for (size_t i = 0; i < run->lane_count; i++) {
        int64_t opens = run->lanes[i]->opens_at.us;
        if (opens > engine->now.wall.us && (!view->opens_at.us || opens < view->opens_at.us))
            view->opens_at.us = opens;
    }
    count_calls(run, view);
    count_agents(engine, run, view);
    view->attempts = run->attempts;
    view->contacts_called = run->contacts_called;
    view->skipped = run->skipped;
    memcpy(view->outcomes, run->outcomes, sizeof(view->outcomes));
    memcpy(view->skips, run->skips, sizeof(view->skips));
    view->call_rate_per_minute = rate_of(engine, run);
}

bool engine_campaign_view(const struct engine *engine, struct campaign_id id,
                          struct campaign_view *view)
{
    const struct run *run = engine_run(engine, id);
    if (run)
        fill_campaign(engine, run, view);
    return run != NULL;
}

static void fill_agent(const struct agent *agent, struct agent_view *view)
{
    memset(view, 0, sizeof(*view));
    view->id = agent->id;
    view->state = agent->state;
    memcpy(view->reason, agent->reason, sizeof(view->reason));
    view->since = agent->since;
    view->is_phone_registered = agent->is_phone_registered;
    view->has_leg = agent->leg_state == AGENT_LEG_UP;
    if (agent->call) {
        view->call = agent->call->id;
        view->campaign = agent->call->run->config.id;
    }
    view->wrapup_until = agent->wrapup_until_wall;
    view->calls_handled = agent->calls_handled;
    view->talk_ms = agent->talk_us / US_PER_MS;
}

bool engine_agent_view(const struct engine *engine, struct agent_id id, struct agent_view *view)
{
    const struct agent *agent = engine_agent(engine, id);
    if (agent)
        fill_agent(agent, view);
    return agent != NULL;
}

static void fill_call(const struct call *call, struct call_view *view)
{
    const struct address *address = &call->candidate.contact.addresses[call->address_index];
    memset(view, 0, sizeof(*view));
    view->id = call->id;
    view->campaign = call->run->config.id;
    view->contact = call->candidate.contact.id;
    if (call->agent)
        view->agent = call->agent->id;
    view->state = call->state;
    view->number = address->number;
    view->column = address->column;
    view->started_at = call->started_at;
    view->answered_at = call->answered_at;
}

bool engine_call_view(const struct engine *engine, struct call_id id, struct call_view *view)
{
    const struct call *call = table_get(&engine->calls, id.value);
    if (call)
        fill_call(call, view);
    return call != NULL;
}

size_t engine_campaigns(const struct engine *engine, struct campaign_view *views, size_t limit)
{
    for (size_t i = 0; i < engine->run_count && i < limit; i++)
        fill_campaign(engine, engine->run_order[i], &views[i]);
    return engine->run_count;
}

size_t engine_agents(const struct engine *engine, struct agent_view *views, size_t limit)
{
    size_t at = 0, count = 0;
    void *value;
    while (table_next(&engine->agents, &at, NULL, &value)) {
        if (count < limit)
            fill_agent(value, &views[count]);
        count++;
    }
    return count;
}

size_t engine_calls(const struct engine *engine, struct campaign_id campaign,
                    struct call_view *views, size_t limit)
{
    size_t count = 0;
    for (size_t i = 0; i < engine->run_count; i++) {
        const struct run *run = engine->run_order[i];
        if (campaign.value && run->config.id.value != campaign.value)
            continue;
        for (const struct call *call = run->calls; call; call = call->next) {
            if (count < limit)
                fill_call(call, &views[count]);
            count++;
        }
    }
    return count;
}

bool engine_claim_for(const struct engine *engine, struct campaign_id campaign, struct wall now,
                      struct claim *claim)
{
    const struct run *run = engine_run(engine, campaign);
    if (!run)
        return false;
    memset(claim, 0, sizeof(*claim));
    claim_fill(engine, run, now, claim);
    return true;
}

bool engine_explain(const struct engine *engine, struct campaign_id campaign,
                    const struct candidate *candidate, struct wall now,
                    struct gate_verdict *verdict, struct gate_steps *steps)
{
    const struct run *run = engine_run(engine, campaign);
    if (!run)
        return false;
    struct gate_situation situation;
    situation_fill(engine, run, &situation);
    if (!situation.has_agent)
        situation.has_agent = routing_pick(engine, run) != NULL;
    situation.has_line = !run->config.line_count || run->call_count < run->config.line_count;
    *verdict = gate_check_contact(&run->config, candidate, &situation, now, steps);
    return true;
}
