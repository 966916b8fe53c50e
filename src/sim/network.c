#include "sim/network.h"

#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/memory.h"

#define PHONE_ANSWER_MS 1500
#define POST_DIAL_DELAY_MS 300

struct sim_leg {
    int64_t id;
    bool is_public, is_answered, is_ended;
    struct phone_id phone;
    enum outcome outcome; /* what a call to the public comes to */
    int64_t talk_ms, ring_timeout_ms;
};

struct sim_happening {
    int64_t at_us, order; /* order keeps equal times in the order in which they were made */
    int64_t leg;
    enum telephony_event_kind kind;
    enum outcome outcome;
    enum leg_ended_by by;
};

struct sim_network {
    struct sim_network_options options;
    struct random random;
    struct table legs;
    struct sim_happening *heap;
    size_t count, capacity;
    int64_t order;
    struct sim_network_figures figures;
};

static bool is_sooner(const struct sim_happening *a, const struct sim_happening *b)
{
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

static void swap(struct sim_happening *a, struct sim_happening *b)
{
    struct sim_happening kept = *a;
    *a = *b;
    *b = kept;
}

static void schedule(struct sim_network *network, int64_t after_ms, struct sim_leg *leg,
                     enum telephony_event_kind kind, enum outcome outcome, enum leg_ended_by by)
{
    network->heap = memory_grow(network->heap, &network->capacity, network->count + 1,
                                sizeof(*network->heap));
    int64_t now = network->options.clock.mono(network->options.clock.self).us;
    size_t i = network->count++;
    network->heap[i] = (struct sim_happening){
        now + after_ms * US_PER_MS, ++network->order, leg->id, kind, outcome, by};
    while (i && is_sooner(&network->heap[i], &network->heap[(i - 1) / 2])) {
        swap(&network->heap[i], &network->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
}

static struct sim_happening take_first(struct sim_network *network)
{
    struct sim_happening first = network->heap[0];
    network->heap[0] = network->heap[--network->count];
    size_t i = 0;
    for (;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < network->count; child++)
            if (is_sooner(&network->heap[child], &network->heap[least]))
                least = child;
        if (least == i)
            return first;
        swap(&network->heap[i], &network->heap[least]);
        i = least;
    }
}

struct sim_network *sim_network_create(const struct sim_network_options *options)
{
    struct sim_network *network = memory_new(1, sizeof(*network));
    network->options = *options;
    random_init(&network->random, options->seed);
    return network;
}

void sim_network_destroy(struct sim_network *network)
{
    if (!network)
        return;
    size_t at = 0;
    void *leg;
    while (table_next(&network->legs, &at, NULL, &leg))
        free(leg);
    table_fini(&network->legs);
    free(network->heap);
    free(network);
}

static enum outcome draw_outcome(struct sim_network *network, int64_t number)
{
    const struct sim_network_options *options = &network->options;
    enum outcome outcome;
    double u =
        random_unit(&network->random); /* drawn always, so that a script moves no other */
    if (options->script && options->script(options->context, number, &outcome))
        return outcome;
    const struct {
        double share;
        enum outcome outcome;
    } choices[] = {
        {options->people.person, OUTCOME_PERSON},
        {options->people.machine, OUTCOME_MACHINE},
        {options->people.busy, OUTCOME_BUSY},
        {options->people.congestion, OUTCOME_SIT_CALLABLE},
        {options->people.unknown_number, OUTCOME_SIT_UNCALLABLE},
        {options->people.rejected, OUTCOME_REJECTED},
    };
    for (size_t i = 0; i < ARRAY_LEN(choices); i++) {
        if (u < choices[i].share)
            return choices[i].outcome;
        u -= choices[i].share;
    }
    return OUTCOME_NO_ANSWER;
}

static void dial(struct sim_network *network, const struct telephony_command *command)
{
    if (network->options.dialed)
        network->options.dialed(network->options.context, command);
    const struct sim_public *people = &network->options.people;
    struct sim_leg *leg = memory_new(1, sizeof(*leg));
    leg->id = command->leg.value;
    leg->is_public = true;
    leg->outcome = draw_outcome(network, command->dial.number);
    int64_t ring = (int64_t)random_lognormal(&network->random, (double)people->ring_ms, 0.4);
    leg->talk_ms = (int64_t)random_lognormal(&network->random, (double)people->talk_ms, 0.5);
    table_put(&network->legs, leg->id, leg);
    network->figures.dials++;
    if (++network->figures.legs > network->figures.legs_most)
        network->figures.legs_most = network->figures.legs;
    bool is_answered = leg->outcome == OUTCOME_PERSON || leg->outcome == OUTCOME_MACHINE;
    bool rings =
        is_answered || leg->outcome == OUTCOME_NO_ANSWER || leg->outcome == OUTCOME_REJECTED;
    if (rings)
        schedule(network, POST_DIAL_DELAY_MS, leg, TELEPHONY_RINGING, OUTCOME_NONE,
                 ENDED_BY_PEER);
    int64_t answer = POST_DIAL_DELAY_MS + ring;
    if (leg->outcome == OUTCOME_NO_ANSWER || answer > command->dial.ring_timeout_ms)
        schedule(network, command->dial.ring_timeout_ms, leg, TELEPHONY_ENDED,
                 OUTCOME_NO_ANSWER, ENDED_BY_US);
    else if (is_answered)
        schedule(network, answer, leg, TELEPHONY_ANSWERED, OUTCOME_NONE, ENDED_BY_PEER);
    else
        schedule(network, rings ? answer : POST_DIAL_DELAY_MS, leg, TELEPHONY_ENDED,
                 leg->outcome, ENDED_BY_PEER);
}

static void ring_phone(struct sim_network *network, const struct telephony_command *command)
{
    struct sim_leg *leg = memory_new(1, sizeof(*leg));
    leg->id = command->leg.value;
    leg->phone = command->ring.phone;
    table_put(&network->legs, leg->id, leg);
    bool answers = !network->options.phone_answers ||
                   network->options.phone_answers(network->options.context, leg->phone);
    if (answers)
        schedule(network, PHONE_ANSWER_MS, leg, TELEPHONY_ANSWERED, OUTCOME_NONE,
                 ENDED_BY_PEER);
    else
        schedule(network, command->ring.ring_timeout_ms, leg, TELEPHONY_ENDED,
                 OUTCOME_NO_ANSWER, ENDED_BY_US);
}

static enum status post(void *self, const struct telephony_command *command)
{
    struct sim_network *network = self;
    struct sim_leg *leg = table_get(&network->legs, command->leg.value);
    switch (command->kind) {
    case TELEPHONY_DIAL: dial(network, command); break;
    case TELEPHONY_RING_PHONE: ring_phone(network, command); break;
    case TELEPHONY_HANG_UP:
        if (leg)
            schedule(network, 20, leg, TELEPHONY_ENDED,
                     leg->is_answered ? OUTCOME_PERSON : OUTCOME_CANCELLED, ENDED_BY_US);
        break;
    case TELEPHONY_BRIDGE: {
        struct sim_leg *other = table_get(&network->legs, command->bridge.other.value);
        ensure(leg && other && leg->is_answered && other->is_answered);
        network->figures.bridges++;
        break;
    }
    case TELEPHONY_UNBRIDGE:
    case TELEPHONY_TONE:
    case TELEPHONY_TRUNK_SET:
    case TELEPHONY_TRUNK_REMOVE:
    case TELEPHONY_PHONE_SET:
    case TELEPHONY_PHONE_REMOVE: break;
    }
    return STATUS_OK;
}

struct telephony_port sim_network_port(struct sim_network *network)
{
    return (struct telephony_port){.self = network, .post = post};
}

struct mono sim_network_wake(const struct sim_network *network)
{
    return (struct mono){network->count ? network->heap[0].at_us : INT64_MAX};
}

static void happen(struct sim_network *network, const struct sim_happening *what)
{
    struct sim_leg *leg = table_get(&network->legs, what->leg);
    if (!leg)
        return; /* it ended before */
    if (what->kind == TELEPHONY_ANSWERED) {
        leg->is_answered = true;
        int64_t stays =
            leg->outcome == OUTCOME_MACHINE ? network->options.people.machine_ms : leg->talk_ms;
        if (leg->is_public)
            schedule(network, stays, leg, TELEPHONY_ENDED, OUTCOME_PERSON, ENDED_BY_PEER);
    }
    struct telephony_event event = {
        .kind = what->kind,
        .leg = {what->leg},
        .at = network->options.clock.mono(network->options.clock.self),
    };
    if (what->kind == TELEPHONY_ENDED) {
        event.ended.outcome = what->outcome;
        event.ended.by = what->by;
        if (leg->is_public)
            network->figures.legs--;
        table_remove(&network->legs, leg->id);
        free(leg);
    }
    bool is_taken = network->options.sink.deliver(network->options.sink.context, &event);
    ensure(is_taken); /* an inline runtime's queue has no limit */
}

void sim_network_run(struct sim_network *network)
{
    int64_t now = network->options.clock.mono(network->options.clock.self).us;
    while (network->count && network->heap[0].at_us <= now) {
        struct sim_happening what = take_first(network);
        happen(network, &what);
    }
}

void sim_network_drop_phone(struct sim_network *network, struct phone_id phone)
{
    size_t at = 0;
    void *value;
    while (table_next(&network->legs, &at, NULL, &value)) {
        struct sim_leg *leg = value;
        if (!leg->is_public && leg->phone.value == phone.value)
            schedule(network, 0, leg, TELEPHONY_ENDED, OUTCOME_FAILED, ENDED_BY_FAULT);
    }
}

void sim_network_figures(const struct sim_network *network, struct sim_network_figures *figures)
{
    *figures = network->figures;
}
