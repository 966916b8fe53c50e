/* world.h -- the stage of a scenario: clock, store, network, runtime, agents, invariants. */
#ifndef CADRAN_SCENARIO_WORLD_H
#define CADRAN_SCENARIO_WORLD_H

#include "runtime/runtime.h"
#include "sim/clock.h"
#include "sim/network.h"
#include "store/memory/memory.h"

#define AGENTS_MAX 100
#define CONTACTS_MAX 20000
#define COLUMNS_MAX 3
#define CAMPAIGN_ID 1
#define RIVAL_ID 41
#define QUEUE_ID 2
#define TRUNK_ID 3
#define LIST_NAME "people"
#define PHONE_BASE 1000
#define WORD_SIZE_MAX 64
#define NUMBER_BASE INT64_C(33100000000)

struct actor { /* an agent, as a person */
    int64_t wrap_ms;
    int64_t code; /* 0 = never chooses one */
    bool is_deaf; /* does not answer the phone */
    struct call_id wrapping;
    struct mono wraps_at;
};

struct world {
    struct sim_clock clock;
    struct sim_network *network;
    struct store_port real_store, store; /* store: with failures injected */
    struct store_ops broken_ops;
    bool is_store_down;
    struct runtime *runtime;
    struct sim_network_options network_options;

    struct campaign campaign;
    struct campaign rival; /* another one of the queue, over a list of its own; id 0 = none */
    struct time_slot slots[TIME_SLOT_MAX];
    struct queue queue;
    struct agent_id members[AGENTS_MAX];
    struct wrapup_code codes[16];
    int code_count;
    struct actor actors[AGENTS_MAX + 1];
    int agent_count;
    int64_t calls_per_second, channels;
    struct list_id list;
    struct dnc_list_id dnc;

    struct contact_id contacts[CONTACTS_MAX + 1];
    int contact_count;
    int column_count;
    enum outcome scripted[64][8];
    int64_t scripted_number[64];
    int scripted_count, scripted_len[64], scripted_at[64];

    /* What the invariants need. */
    int32_t busy_by_number[CONTACTS_MAX + 1][COLUMNS_MAX];
    int32_t dials_by_number[CONTACTS_MAX + 1][COLUMNS_MAX];
    int32_t talking_most, calls_most;
    int64_t violations;
    int64_t dials;
};

extern const struct zone_table world_zones;
int16_t world_zone(const char *name); /* -1 = unknown */

int64_t world_number(int contact, int column);
void world_init(struct world *world, struct wall start, uint64_t seed);
void world_fini(struct world *world);
/* `zones` is A or A+B. */
void world_add_contacts(struct world *world, struct list_id list, int count, int columns,
                        const char *zones);
/* Another campaign, like the first, over a list of its own with `count` contacts. */
void world_add_rival(struct world *world, int count);
/* Creates the runtime and tells it the configuration; after a crash, again. */
void world_open(struct world *world);
void world_close(struct world *world);
enum status world_ask(struct world *world, enum event_kind kind, int agent, const char *text,
                      struct error *err);
void world_phone(struct world *world, int agent, bool is_registered);
/* Runs until this instant. */
void world_run_until(struct world *world, struct wall until);
void world_violation(struct world *world, const char *what, int64_t number);

#endif
