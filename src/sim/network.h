/* network.h -- a telephony port without a network: callees and phones that behave as modelled,
 * on a virtual clock, reproducible by seed. One thread; deliver() is called from
 * sim_network_run only, never from inside a post. */
#ifndef CADRAN_SIM_NETWORK_H
#define CADRAN_SIM_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"
#include "base/table.h"
#include "model/outcome.h"
#include "port/clock.h"
#include "port/telephony.h"

/* What the public does: shares of 1, the rest does not answer. Times in ms. */
struct sim_public {
    double person, machine, busy, congestion, unknown_number, rejected;
    int64_t ring_ms;    /* median until an answer */
    int64_t talk_ms;    /* median of a conversation, until they hang up */
    int64_t machine_ms; /* how long a machine listens */
};

/* One number's next call, when it is scripted; others follow the public. */
typedef bool (*sim_script_fn)(void *context, int64_t number, enum outcome *outcome);

struct sim_network_options {
    struct clock_port clock;
    struct telephony_sink sink;
    uint64_t seed;
    struct sim_public people;
    sim_script_fn script; /* may be NULL */
    void *context;
    /* Told about each DIAL, for invariants. May be NULL. */
    void (*dialed)(void *context, const struct telephony_command *dial);
    /* Whether this phone answers when it rings. NULL = all do. */
    bool (*phone_answers)(void *context, struct phone_id phone);
};

struct sim_network;
struct sim_network *sim_network_create(const struct sim_network_options *options);
void sim_network_destroy(struct sim_network *network);
struct telephony_port sim_network_port(struct sim_network *network);

/* When the next thing happens; INT64_MAX = nothing is under way. */
struct mono sim_network_wake(const struct sim_network *network);
/* Delivers what is due by now. */
void sim_network_run(struct sim_network *network);
/* A phone drops its leg, as when its cable is pulled. */
void sim_network_drop_phone(struct sim_network *network, struct phone_id phone);

struct sim_network_figures {
    int64_t dials, bridges;
    int32_t legs, legs_most; /* to the public, at once */
};
void sim_network_figures(const struct sim_network *network,
                         struct sim_network_figures *figures);

#endif
