/* routing.c -- which agent gets the next call of a campaign. */
#include "engine/state.h"

bool queue_has_member(const struct queue *queue, struct agent_id agent)
{
    int32_t low = 0, high = queue->member_count;
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        if (queue->members[middle].value == agent.value)
            return true;
        if (queue->members[middle].value < agent.value)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

bool routing_is_free(const struct agent *agent, const struct run *run,
                     const struct queue *queue)
{
    if (agent->state != AGENT_READY || agent->call || agent->is_removed)
        return false;
    if (!agent->has_joined_all && !table_get(&agent->campaigns, run->config.id.value))
        return false;
    if (agent->leg_state == AGENT_LEG_UP)
        return true;
    return queue->is_per_call && agent->leg_state == AGENT_LEG_NONE &&
           agent->is_phone_registered;
}

static bool is_better(const struct agent *one, const struct agent *other)
{
    if (one->idle_since.us != other->idle_since.us)
        return one->idle_since.us < other->idle_since.us;
    return one->id.value < other->id.value;
}

/* Members are sorted by id: the first free one after the last served, else the first free. */
static bool is_next_in_turn(const struct run *run, const struct agent *one,
                            const struct agent *best)
{
    bool is_after = one->id.value > run->last_agent.value;
    bool best_is_after = best->id.value > run->last_agent.value;
    return is_after && !best_is_after;
}

struct agent *routing_pick(const struct engine *engine, const struct run *run)
{
    const struct queue *queue = engine_queue(engine, run->config.queue);
    struct agent *best = NULL;
    for (int32_t i = 0; queue && i < queue->member_count; i++) {
        struct agent *agent = engine_agent(engine, queue->members[i]);
        if (!agent || !routing_is_free(agent, run, queue))
            continue;
        if (!best)
            best = agent;
        else if (queue->distribution == DISTRIBUTION_ROUND_ROBIN
                     ? is_next_in_turn(run, agent, best)
                     : is_better(agent, best))
            best = agent;
    }
    return best;
}
