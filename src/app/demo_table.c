#include "app/demo_table.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/demo_world.h"

/* Outcomes in the order in which people read them. */
static const enum outcome shown[] = {
    OUTCOME_PERSON,         OUTCOME_NO_ANSWER,    OUTCOME_BUSY,
    OUTCOME_SIT_UNCALLABLE, OUTCOME_SIT_CALLABLE, OUTCOME_REJECTED,
    OUTCOME_ABANDONED,      OUTCOME_CANCELLED,    OUTCOME_FAILED};

static void count_agents(const struct demo_view *view, int32_t counts[AGENT_STATE_COUNT])
{
    for (int i = 0; i < AGENT_STATE_COUNT; i++)
        counts[i] = 0;
    for (int32_t n = 0; n < view->agent_count; n++)
        counts[view->agents[n].state]++;
}

static void print_line(const struct demo_view *view)
{
    const struct campaign_view *c = &view->campaign;
    int32_t agents[AGENT_STATE_COUNT];
    count_agents(view, agents);
    printf(
        "%4llds %-9s dialed %lld of %lld  ringing %d  talking %d  | person %lld no_answer %lld "
        "busy %lld unknown %lld | ready %d reserved %d on_call %d wrapup %d | %d calls/min\n",
        (long long)view->elapsed_s, campaign_status_name(c->status),
        (long long)c->contacts_called, (long long)c->queue_size,
        c->calls_dialing + c->calls_ringing, c->calls_talking,
        (long long)c->outcomes[OUTCOME_PERSON], (long long)c->outcomes[OUTCOME_NO_ANSWER],
        (long long)c->outcomes[OUTCOME_BUSY], (long long)c->outcomes[OUTCOME_SIT_UNCALLABLE],
        agents[AGENT_READY], agents[AGENT_RESERVED], agents[AGENT_ON_CALL],
        agents[AGENT_WRAPUP], c->call_rate_per_minute);
    fflush(stdout);
}

static void print_bar(int64_t part, int64_t whole)
{
    const int width = 40;
    int filled = whole > 0 ? (int)(part * width / whole) : 0;
    for (int i = 0; i < width; i++)
        fputs(i < filled ? "█" : "·", stdout);
}

static void print_table(const struct demo_view *view)
{
    static int lines; /* of the table before, to draw over */
    const struct campaign_view *c = &view->campaign;
    int32_t agents[AGENT_STATE_COUNT];
    count_agents(view, agents);
    if (lines)
        printf("\033[%dA", lines);
    lines = 0;
    printf("\033[K  %s   %s, %s   %02lld:%02lld   %d calls a minute\n", DEMO_CAMPAIGN,
           campaign_status_name(c->status), campaign_health_name(c->health),
           (long long)view->elapsed_s / 60, (long long)view->elapsed_s % 60,
           c->call_rate_per_minute);
    printf("\033[K  ");
    print_bar(c->contacts_called, c->queue_size);
    printf("  %lld of %lld contacts, %lld attempts\n", (long long)c->contacts_called,
           (long long)c->queue_size, (long long)c->attempts);
    printf("\033[K  calls     dialing %-4d ringing %-4d talking %-4d\n", c->calls_dialing,
           c->calls_ringing, c->calls_talking);
    printf("\033[K  outcomes ");
    for (size_t i = 0; i < ARRAY_LEN(shown); i++)
        if (c->outcomes[shown[i]])
            printf(" %s %lld ", outcome_name(shown[i]), (long long)c->outcomes[shown[i]]);
    printf("\n\033[K  agents   ");
    for (int i = 0; i < AGENT_STATE_COUNT; i++)
        if (agents[i])
            printf(" %s %d ", agent_state_name((enum agent_state)i), agents[i]);
    printf("\n\033[K  media     %llu packets heard by the carrier, %llu lost\n",
           (unsigned long long)view->carrier.audio.received,
           (unsigned long long)view->carrier.audio.lost);
    lines = 6;
    fflush(stdout);
}

void demo_table_print(const struct demo_view *view, bool is_terminal)
{
    if (is_terminal)
        print_table(view);
    else
        print_line(view);
}

void demo_table_json(const struct demo_view *view)
{
    const struct campaign_view *c = &view->campaign;
    json_t *outcomes = json_object();
    for (int i = 0; i < OUTCOME_COUNT; i++)
        if (c->outcomes[i])
            json_object_set_new(outcomes, outcome_name((enum outcome)i),
                                json_integer(c->outcomes[i]));
    json_t *all = json_pack(
        "{s:s,s:I,s:I,s:I,s:o,s:I,s:I,s:I}", "status", campaign_status_name(c->status),
        "elapsedS", (json_int_t)view->elapsed_s, "attempts", (json_int_t)c->attempts,
        "contactsCalled", (json_int_t)c->contacts_called, "outcomes", outcomes, "carrierCalls",
        (json_int_t)view->carrier.calls, "rtpHeard", (json_int_t)view->carrier.audio.received,
        "rtpLost", (json_int_t)view->carrier.audio.lost);
    char *text = json_dumps(all, JSON_COMPACT);
    puts(text ? text : "null");
    free(text);
    json_decref(all);
}
