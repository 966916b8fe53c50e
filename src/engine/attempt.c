/* attempt.c -- the life of a call, from the intent to the follow-up.
 *
 *  OFFERING --an agent's phone answers--+
 *     |                                 v
 *     |  (leg up, or agentless) -----> INTENT --committed--> DIALING --> RINGING --+
 *     |                                 | stale, failed         |          |      | answered
 *     v nobody answers                  v                       v          v      v
 *   given back to the head        given back to the queue    ended: outcome    TALKING
 *                                                            and follow-up        | ended
 *                                                                                 v
 *                                                      follow-up <--wrapped-- WRAPUP
 *
 * Invariants:
 *   A1  DIAL is emitted only by the answer COMMITTED (E1);
 *   A2  a call holds its trunk line from the moment it is made until its leg has ended;
 *   A3  is_ending is set once; a leg that we hung up still gets its ENDED from telephony. */
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/memory.h"
#include "engine/follow_up.h"
#include "engine/state.h"

static struct call *call_create(struct engine *engine, struct run *run, struct lane *lane,
                                int32_t address_index)
{
    struct call *call = memory_new(1, sizeof(*call));
    call->id.value = engine_draw_id(engine);
    call->run = run;
    call->lane = lane->zone_set;
    call->candidate = lane_take(lane);
    call->address_index = address_index;
    call->started_at = engine->now.wall;
    call->end_outcome = OUTCOME_NONE;
    call->next = run->calls;
    if (run->calls)
        run->calls->previous = call;
    run->calls = call;
    run->call_count++;
    table_put(&engine->calls, call->id.value, call);
    return call;
}

static void free_line(struct call *call)
{
    if (call->trunk)
        call->trunk->in_use--;
    call->trunk = NULL;
}

static void call_destroy(struct engine *engine, struct call *call)
{
    struct run *run = call->run;
    free_line(call);
    if (call->previous)
        call->previous->next = call->next;
    else
        run->calls = call->next;
    if (call->next)
        call->next->previous = call->previous;
    if (call->state != CALL_WRAPUP)
        run->call_count--;
    table_remove(&engine->calls, call->id.value);
    engine_notify(engine, NOTICE_CALL, call->id.value);
    free(call);
    engine->must_dial = true;
    run_settle(engine, run);
}

static struct dialer_write *write_for(struct engine *engine, const struct call *call,
                                      enum dialer_write_kind kind)
{
    struct command *command = engine_emit(engine, COMMAND_WRITE);
    struct dialer_write *write = &command->write;
    const struct address *address = &call->candidate.contact.addresses[call->address_index];
    write->kind = kind;
    write->campaign = call->run->config.id;
    write->pass = call->run->pass;
    write->contact = call->candidate.contact.id;
    write->at = engine->now.wall;
    write->call = call->id;
    write->number = address->number;
    write->column = address->column;
    write->mode = call->run->config.mode;
    write->agent = call->agent ? call->agent->id : (struct agent_id){0};
    write->zone_set = call->lane;
    write->from = call->candidate.from;
    write->position = call->candidate.position;
    write->due_from = call->candidate.due_at;
    write->due_column = -1;
    write->change.address_index = -1;
    write->change.next_index = -1;
    return write;
}

static void write_intent(struct engine *engine, struct call *call)
{
    struct run *run = call->run;
    struct contact *contact = &call->candidate.contact;
    struct dialer_write *write = write_for(engine, call, DIALER_INTENT);
    struct claim claim;
    memset(&claim, 0, sizeof(claim));
    claim_fill(engine, run, engine->now.wall, &claim);
    write->expected_version = contact->version;
    write->filter_stamp = call->candidate.filter_stamp;
    write->caller_number = run->config.caller_number;
    write->dnc_list_count = claim.dnc_list_count;
    memcpy(write->dnc_lists, claim.dnc_lists, sizeof(write->dnc_lists));
    memcpy(write->dnc_columns, claim.dnc_columns, sizeof(write->dnc_columns));
    write->contact_since = claim.contact_since;
    write->number_since = claim.number_since;
    write->contact_cap = run->config.limits.per_contact;
    write->number_cap = run->config.limits.per_number;
    struct address *address = &contact->addresses[call->address_index];
    address->attempts++;
    write->change.state = CONTACT_RUNNING;
    write->change.is_callable = contact->is_callable;
    write->change.address_index = call->address_index;
    write->change.address = *address;
    call->state = CALL_INTENT;
    engine_notify(engine, NOTICE_CALL, call->id.value);
}

void attempt_start(struct engine *engine, struct run *run, struct lane *lane,
                   struct agent *agent, int32_t address_index)
{
    struct call *call = call_create(engine, run, lane, address_index);
    if (agent) {
        call->agent = agent;
        agent_reserve(engine, agent, call);
    }
    write_intent(engine, call);
}

/* --- Offers: the agent's phone rings first --------------------------------------------------
 */

/* Rings the next agent, or all of them with ring-all. False when there is none. */
static bool ring_agents(struct engine *engine, struct call *call)
{
    struct run *run = call->run;
    const struct queue *queue = engine_queue(engine, run->config.queue);
    if (!queue)
        return false;
    struct agent *agent;
    while ((agent = routing_pick(engine, run)) != NULL) {
        call->offer_count++;
        agent_reserve(engine, agent, call);
        if (agent->leg_state == AGENT_LEG_UP) {
            attempt_offer_answered(engine, call, agent);
            return true;
        }
        agent_ring(engine, agent, queue->ring_timeout_ms, false);
        if (queue->distribution != DISTRIBUTION_RING_ALL)
            return true;
    }
    return call->offer_count > 0;
}

void attempt_offer(struct engine *engine, struct run *run, struct lane *lane,
                   int32_t address_index)
{
    struct call *call = call_create(engine, run, lane, address_index);
    call->state = CALL_OFFERING;
    bool is_ringing = ring_agents(engine, call);
    ensure(is_ringing); /* selection found a free agent in this very step */
}

/* The first to answer is reserved; the others' phones stop, and nobody missed anything. */
void attempt_offer_answered(struct engine *engine, struct call *call, struct agent *agent)
{
    call->agent = agent;
    const struct queue *queue = engine_queue(engine, call->run->config.queue);
    for (int32_t i = 0; queue && i < queue->member_count; i++) {
        struct agent *other = engine_agent(engine, queue->members[i]);
        if (!other || other == agent || other->call != call)
            continue;
        agent_drop_leg(engine, other);
        agent_release(engine, other);
    }
    call->offer_count = 0;
    if (call->is_ending || call->run->status != CAMPAIGN_ON) {
        agent_drop_leg(engine, agent);
        agent_release(engine, agent);
        table_remove(&call->run->held, call->candidate.contact.id.value);
        call_destroy(engine, call);
        return;
    }
    write_intent(engine, call);
}

void attempt_offer_missed(struct engine *engine, struct call *call)
{
    if (--call->offer_count > 0)
        return;
    if (call->run->status == CAMPAIGN_ON && ring_agents(engine, call))
        return;
    /* Nothing was dialed and nothing was written: the contact is first again. */
    struct run *run = call->run;
    struct lane *lane = lane_find(run, call->lane);
    if (lane)
        lane_give_back(lane, &call->candidate);
    else
        table_remove(&run->held, call->candidate.contact.id.value);
    call_destroy(engine, call);
}

/* --- Intent ---------------------------------------------------------------------------------
 */

static void release_agent(struct engine *engine, struct call *call)
{
    if (!call->agent)
        return;
    struct agent *agent = call->agent;
    call->agent = NULL;
    agent_release(engine, agent);
}

/* Ends an attempt that is not a conversation: outcome, follow-up, done. */
static void end_attempt(struct engine *engine, struct call *call, enum outcome outcome,
                        int32_t sip_status, int32_t q850_cause)
{
    struct run *run = call->run;
    struct follow_up next = follow_up_outcome(&run->config, &call->candidate.contact,
                                              call->address_index, outcome, engine->now.wall);
    struct dialer_write *write = write_for(engine, call, DIALER_END);
    write->outcome = outcome;
    write->answered_at = call->answered_at;
    write->ended_at = engine->now.wall;
    write->sip_status = sip_status;
    write->q850_cause = q850_cause;
    write->change = next.change;
    write->due_class = next.due_class;
    write->due_at = next.due_at;
    write->due_column = next.due_column;
    if (next.due_class) {
        int32_t due =
            next.change.next_index >= 0 ? next.change.next_index : call->address_index;
        write->zone_set = call->candidate.contact.addresses[due].zone_set;
        lane_ensure(run, write->zone_set);
    }
    run->pending_writes++;
    run->outcomes[outcome]++;
    release_agent(engine, call);
    call_destroy(engine, call);
    engine_notify(engine, NOTICE_CAMPAIGN, run->config.id.value);
}

static void dial_public(struct engine *engine, struct call *call)
{
    struct run *run = call->run;
    const struct contact *contact = &call->candidate.contact;
    struct command *command = engine_emit(engine, COMMAND_DIAL);
    command->dial.leg.value = call->id.value;
    command->dial.trunk = call->trunk->id;
    command->dial.number = contact->addresses[call->address_index].number;
    command->dial.caller_number = run->config.caller_number;
    memcpy(command->dial.caller_name, run->config.caller_name,
           sizeof(command->dial.caller_name));
    command->dial.ring_timeout_ms = run->config.ring_timeout_ms;
    call->state = CALL_DIALING;
    engine_notify(engine, NOTICE_CALL, call->id.value);
}

static void intent_committed(struct engine *engine, struct call *call)
{
    run_attempt_counted(engine, call->run, call->candidate.contact.pass != call->run->pass);
    call->candidate.contact.pass = call->run->pass;
    bool is_agent_gone = call->run->config.mode != MODE_AGENTLESS && !call->agent;
    if (call->is_ending || is_agent_gone)
        end_attempt(engine, call, OUTCOME_CANCELLED, 0, 0);
    else
        dial_public(engine, call);
}

/* No attempt was made: the agent and the contact are free. */
static void intent_refused(struct engine *engine, struct call *call, bool is_stale)
{
    struct run *run = call->run;
    if (is_stale) { /* the store itself made the contact due at once */
        table_remove(&run->held, call->candidate.contact.id.value);
        lanes_due_changed(engine, run, engine->now.wall);
    } else { /* the store is in trouble: the contact comes back when it is over */
        struct dialer_write *write = write_for(engine, call, DIALER_DEFER);
        write->change.state = call->candidate.contact.state;
        write->change.is_callable = call->candidate.contact.is_callable;
        write->due_class = DUE_TOP;
        write->due_at = engine->now.wall;
        strncpy(write->reason, "store_unavailable", sizeof(write->reason) - 1);
        run->pending_writes++;
        run->pause_until = (struct mono){engine->now.mono.us + US_PER_S};
    }
    release_agent(engine, call);
    call_destroy(engine, call);
}

/* The last word about a contact is stored: a claim may bring it back. */
static void write_settled(struct engine *engine, struct run *run, const struct event *event)
{
    if (!run)
        return;
    table_remove(&run->held, event->written.contact.value);
    run->pending_writes--;
    if (event->written.due_at.us)
        lanes_due_changed(engine, run, event->written.due_at);
    run_settle(engine, run);
}

void attempt_written(struct engine *engine, const struct event *event)
{
    struct run *run = engine_run(engine, event->written.campaign);
    struct call *call = table_get(&engine->calls, event->written.call.value);
    switch (event->written.kind) {
    case DIALER_INTENT:
        if (!call || call->state != CALL_INTENT)
            return;
        switch (event->written.result) {
        case WRITE_COMMITTED: intent_committed(engine, call); break;
        case WRITE_STALE: intent_refused(engine, call, true); break;
        case WRITE_FAILED: intent_refused(engine, call, false); break;
        case WRITE_UNKNOWN: /* treat as made: never twice */
            run_attempt_counted(engine, call->run, true);
            call->candidate.contact.pass = call->run->pass;
            end_attempt(engine, call, OUTCOME_LOST, 0, 0);
            break;
        }
        break;
    case DIALER_END:
    case DIALER_WRAPUP:
    case DIALER_DEFER:
    case DIALER_SKIP:
        if (!event->written.is_last)
            return;
        write_settled(engine, run, event);
        break;
    case DIALER_RUN: return;
    }
    engine->must_dial = true;
}

/* --- The public's leg ------------------------------------------------------------------------
 */

void attempt_ringing(struct engine *engine, struct call *call)
{
    if (call->state != CALL_DIALING)
        return;
    call->state = CALL_RINGING;
    engine_notify(engine, NOTICE_CALL, call->id.value);
}

void attempt_hang_up(struct engine *engine, struct call *call, enum outcome outcome)
{
    if (call->is_ending)
        return;
    call->is_ending = true;
    call->end_outcome = outcome;
    if (call->state == CALL_DIALING || call->state == CALL_RINGING ||
        call->state == CALL_TALKING)
        engine_emit(engine, COMMAND_HANG_UP)->leg.leg.value = call->id.value;
}

/* The agent reserved for this call, or another whose phone is connected already. */
static struct agent *agent_for_answer(struct engine *engine, struct call *call)
{
    if (call->agent && call->agent->leg_state == AGENT_LEG_UP)
        return call->agent;
    struct agent *other = routing_pick(engine, call->run);
    if (!other || other->leg_state != AGENT_LEG_UP)
        return NULL;
    release_agent(engine, call);
    call->agent = other;
    agent_reserve(engine, other, call);
    return other;
}

void attempt_answered(struct engine *engine, struct call *call)
{
    if (call->state != CALL_DIALING && call->state != CALL_RINGING)
        return;
    call->answered_at = engine->now.wall;
    call->state = CALL_TALKING;
    engine_notify(engine, NOTICE_CALL, call->id.value);
    if (call->is_ending)
        return; /* answered while we hung up: ENDED follows */
    if (call->run->config.mode == MODE_AGENTLESS) {
        attempt_hang_up(engine, call, OUTCOME_PERSON);
        return;
    }
    struct agent *agent = agent_for_answer(engine, call);
    if (!agent) {
        attempt_hang_up(engine, call, OUTCOME_ABANDONED);
        return;
    }
    struct command *command = engine_emit(engine, COMMAND_BRIDGE);
    command->bridge.leg.value = call->id.value;
    command->bridge.other.value = agent->leg;
    engine_emit(engine, COMMAND_TONE)->leg.leg.value = agent->leg;
    call->was_bridged = true;
    call->bridged_at = engine->now.wall;
    agent_set(engine, agent, AGENT_ON_CALL, "");
}

/* A conversation is over: the attempt has ended, the agent wraps up. */
static void end_conversation(struct engine *engine, struct call *call,
                             const struct event *event)
{
    struct run *run = call->run;
    struct agent *agent = call->agent;
    const struct queue *queue = engine_queue(engine, run->config.queue);
    struct dialer_write *write = write_for(engine, call, DIALER_END);
    write->outcome = OUTCOME_PERSON;
    write->answered_at = call->answered_at;
    write->ended_at = engine->now.wall;
    write->sip_status = event->leg.sip_status;
    write->q850_cause = event->leg.q850_cause;
    write->change.state = CONTACT_RUNNING; /* the agent's disposition decides */
    write->change.is_callable = call->candidate.contact.is_callable;
    run->outcomes[OUTCOME_PERSON]++;
    call->ended_at = engine->now.wall;
    agent->calls_handled++;
    agent->talk_us += engine->now.wall.us - call->bridged_at.us;
    free_line(call);
    run->call_count--;
    call->state = CALL_WRAPUP;
    if (!agent->is_leg_nailed)
        agent_drop_leg(engine, agent);
    agent_begin_wrapup(engine, agent, queue ? queue->wrapup_ms : 0);
    engine_notify(engine, NOTICE_CALL, call->id.value);
    engine_notify(engine, NOTICE_CAMPAIGN, run->config.id.value);
    engine->must_dial = true;
    if (call->has_wrapup || !queue || queue->wrapup_ms == 0)
        attempt_wrapped(engine, call);
    else
        run_settle(engine, run);
}

void attempt_ended(struct engine *engine, struct call *call, const struct event *event)
{
    if (call->state == CALL_OFFERING || call->state == CALL_INTENT ||
        call->state == CALL_WRAPUP)
        return;
    if (call->was_bridged && call->agent) {
        end_conversation(engine, call, event);
        return;
    }
    enum outcome outcome = event->leg.outcome;
    if (call->is_ending && (call->state == CALL_TALKING || outcome == OUTCOME_NONE ||
                            outcome == OUTCOME_CANCELLED || outcome == OUTCOME_PERSON))
        outcome = call->end_outcome;
    else if (call->state == CALL_TALKING)
        outcome = OUTCOME_ABANDONED; /* they hung up before anybody was there */
    /* A phone that was rung for this call stays connected for the next one. */
    end_attempt(engine, call, outcome, event->leg.sip_status, event->leg.q850_cause);
}

void attempt_wrapped(struct engine *engine, struct call *call)
{
    struct run *run = call->run;
    struct agent *agent = call->agent;
    ensure(call->state == CALL_WRAPUP && agent);
    const struct wrapup_code *code =
        call->has_wrapup ? table_get(&engine->codes, call->wrapup.value) : NULL;
    struct follow_up next = follow_up_wrapup(&run->config, &call->candidate.contact,
                                             call->address_index, code, engine->now.wall);
    struct dialer_write *write = write_for(engine, call, DIALER_WRAPUP);
    write->wrapup = call->has_wrapup ? call->wrapup : (struct wrapup_code_id){0};
    memcpy(write->note, call->note, sizeof(write->note));
    write->change = next.change;
    write->due_class = next.due_class;
    write->due_at = next.due_at;
    write->due_column = next.due_column;
    if (next.due_class && next.change.next_index >= 0) {
        write->zone_set = call->candidate.contact.addresses[next.change.next_index].zone_set;
        lane_ensure(run, write->zone_set);
    }
    run->pending_writes++;
    call->agent = NULL;
    agent->call = NULL;
    call_destroy(engine, call);
    agent_end_wrapup(engine, agent);
}
