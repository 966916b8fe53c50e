#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"

/* Paris around the winter of 2026: summer time from 29 March to 25 October, and in 2027. */
static const struct zone_change paris[] = {
    {1774746000, 7200}, {1792890000, 3600}, {1806195600, 7200}, {1824944400, 3600}};
static const struct zone zones[] = {
    {"America/Cayenne", -10800, NULL, 0},
    {"America/Martinique", -14400, NULL, 0},
    {"Europe/Paris", 3600, paris, 4},
    {"Indian/Reunion", 14400, NULL, 0},
};
const struct zone_table world_zones = {zones, ARRAY_LEN(zones)};

int16_t world_zone(const char *name)
{
    const struct zone *zone = zone_find(&world_zones, name);
    return zone ? (int16_t)(zone - zones) : -1;
}

int64_t world_number(int contact, int column)
{
    return NUMBER_BASE + (int64_t)contact * 10 + column;
}

void world_violation(struct world *world, const char *what, int64_t number)
{
    char at[WALL_TEXT_SIZE];
    wall_format(sim_clock_port(&world->clock).wall(&world->clock), at);
    fprintf(stderr, "violated at %s: %s (number %lld)\n", at, what, (long long)number);
    world->violations++;
}

static bool scripted(void *context, int64_t number, enum outcome *outcome)
{
    struct world *world = context;
    for (int i = 0; i < world->scripted_count; i++)
        if (world->scripted_number[i] == number) {
            int at = world->scripted_at[i];
            if (at < world->scripted_len[i] - 1)
                world->scripted_at[i]++;
            *outcome = world->scripted[i][at];
            return true;
        }
    return false;
}

static bool phone_answers(void *context, struct phone_id phone)
{
    struct world *world = context;
    return !world->actors[phone.value - PHONE_BASE].is_deaf;
}

/* The invariants of a dial, judged apart from the engine: the store has its attempt and no end
 * of it, the hours are open, and nobody is being called there. */
static void dialed(void *context, const struct telephony_command *dial)
{
    struct world *world = context;
    world->dials++;
    int64_t number = dial->dial.number;
    int contact = (int)((number - NUMBER_BASE) / 10),
        column = (int)((number - NUMBER_BASE) % 10);
    if (contact < 1 || contact > world->contact_count) {
        world_violation(world, "a number that is in no contact", number);
        return;
    }
    world->dials_by_number[contact][column]++;
    struct arena arena;
    arena_init(&arena);
    struct attempt_record *records;
    size_t count = 0;
    struct attempt_query query = {
        .contact = world->contacts[contact], .is_newest_first = true, .limit = 1};
    struct error err;
    enum status status = world->real_store.ops->attempts_list(world->real_store.self, &query,
                                                              &arena, &records, &count, &err);
    if (status != STATUS_OK || count != 1 || records[0].call.value != dial->leg.value ||
        records[0].number != number)
        world_violation(world, "a dial without a committed attempt", number);
    arena_fini(&arena);
    struct wall now = sim_clock_port(&world->clock).wall(&world->clock), until;
    struct contact_record record;
    arena_init(&arena);
    if (world->real_store.ops->contact_get(world->real_store.self, world->contacts[contact],
                                           &arena, &record, &err) != STATUS_OK)
        world_violation(world, "a contact that is not in the store", number);
    else if (world->campaign.times.id) {
        struct zone_set set = {0};
        struct zone_set *sets;
        size_t set_count = 0;
        if (world->real_store.ops->zone_sets_list(world->real_store.self, &world_zones, &arena,
                                                  &sets, &set_count, &err) != STATUS_OK)
            world_violation(world, "zone sets", number);
        for (size_t i = 0; i < set_count; i++)
            if (sets[i].id.value == record.hot.addresses[column].zone_set.value)
                set = sets[i];
        if (time_set_check(&world->campaign.times, &world_zones, &set, now, &until) !=
            TIME_SET_OPEN)
            world_violation(world, "a dial outside the hours", number);
    }
    arena_fini(&arena);
}

/* --- The store with failures injected -------------------------------------------------------
 */

static struct world *stage; /* the one world of this process */

static enum status world_commit(void *self, const struct dialer_batch *batch, struct error *err)
{
    if (!stage->is_store_down)
        return stage->real_store.ops->commit(self, batch, err);
    for (int32_t i = 0; i < batch->count; i++)
        batch->results[i] = WRITE_FAILED;
    return error_set(err, STATUS_UNAVAILABLE, "", "the disk is full (injected)");
}

static struct list_id add_list(struct world *world, const char *name, struct wall now)
{
    struct store_port store = world->real_store;
    struct error err;
    struct list_id list;
    if (store.ops->entity_create(store.self, ENTITY_CONTACT_LIST, name, "{}", NULL, 0, now,
                                 &list.value, &err) != STATUS_OK)
        abort();
    return list;
}

void world_init(struct world *world, struct wall start, uint64_t seed)
{
    memset(world, 0, sizeof(*world));
    sim_clock_init(&world->clock, start);
    store_memory_create(&world->real_store);
    world->broken_ops = *world->real_store.ops;
    world->broken_ops.commit = world_commit;
    world->store = (struct store_port){world->real_store.self, &world->broken_ops};
    stage = world;
    world->network_options = (struct sim_network_options){
        .clock = sim_clock_port(&world->clock),
        .seed = seed,
        .people = {.person = 0.3,
                   .machine = 0,
                   .busy = 0.2,
                   .ring_ms = 10000,
                   .talk_ms = 90000,
                   .machine_ms = 20000},
        .script = scripted,
        .context = world,
        .dialed = dialed,
        .phone_answers = phone_answers,
    };
    struct error err;
    int64_t id;
    struct store_port store = world->real_store;
    world->list = add_list(world, LIST_NAME, start);
    if (store.ops->entity_create(store.self, ENTITY_DNC_LIST, "never", "{}", NULL, 0, start,
                                 &id, &err) != STATUS_OK)
        abort();
    world->dnc.value = id;
    world->column_count = 1;
    world->campaign = (struct campaign){
        .id = {CAMPAIGN_ID},
        .version = 1,
        .name = "campaign",
        .mode = MODE_PROGRESSIVE,
        .list = world->list,
        .queue = {QUEUE_ID},
        .dnc_list_count = 1,
        .dnc_lists = {world->dnc},
        .caller_number = 33123456789,
        .priority = 3,
        .ring_timeout_ms = 30000,
        .is_auto_answer = true,
        .error_recall_ms = 60000,
    };
    world->queue = (struct queue){.id = {QUEUE_ID},
                                  .version = 1,
                                  .ring_timeout_ms = 20000,
                                  .wrapup_ms = 60000,
                                  .logs_out_unregistered = true};
}

void world_fini(struct world *world)
{
    world_close(world);
    sim_network_destroy(world->network);
    world->real_store.ops->destroy(world->real_store.self);
}

void world_add_contacts(struct world *world, struct list_id list, int count, int columns,
                        const char *names)
{
    struct store_port store = world->real_store;
    struct error err;
    struct zone_set set = {0};
    char copy[WORD_SIZE_MAX];
    snprintf(copy, sizeof(copy), "%s", names);
    char *rest = NULL;
    for (char *name = strtok_r(copy, "+", &rest); name; name = strtok_r(NULL, "+", &rest)) {
        ensure(world_zone(name) >= 0); /* one of those above */
        set.zones[set.count++] = world_zone(name);
    }
    if (store.ops->zone_set_intern(store.self, &world_zones, &set, &err) != STATUS_OK)
        abort();
    if (columns > world->column_count)
        world->column_count = columns;
    for (int i = 0; i < count; i++) {
        int contact = ++world->contact_count;
        ensure(contact <= CONTACTS_MAX);
        char data[32];
        snprintf(data, sizeof(data), "[\"%d\"]", contact);
        struct contact_write write = {
            .data = data, .is_callable = true, .address_count = columns};
        for (int column = 0; column < columns; column++)
            write.addresses[column] =
                (struct contact_address){.column = (int16_t)column,
                                         .number = world_number(contact, column),
                                         .zone_set = set.id};
        struct wall now = sim_clock_port(&world->clock).wall(&world->clock);
        if (store.ops->contacts_write(store.self, STORE_API, list, CONTACT_INSERT, &write, 1,
                                      now, &world->contacts[contact], &err) != STATUS_OK)
            abort();
    }
}

void world_add_rival(struct world *world, int count)
{
    struct wall now = sim_clock_port(&world->clock).wall(&world->clock);
    world->rival = world->campaign;
    world->rival.id.value = RIVAL_ID;
    world->rival.list = add_list(world, "rivals", now);
    world_add_contacts(world, world->rival.list, count, world->column_count, "Europe/Paris");
}

/* --- The runtime -----------------------------------------------------------------------------
 */

static void call_changed(void *context, struct call_id id, const struct call_view *view)
{
    (void)context;
    (void)id;
    (void)view;
}

static void agent_changed(void *context, const struct agent_view *view)
{
    struct world *world = context;
    struct actor *actor = &world->actors[view->id.value];
    if (view->state != AGENT_WRAPUP || actor->wrapping.value == view->call.value)
        return;
    actor->wrapping = view->call;
    struct clock_port clock = sim_clock_port(&world->clock);
    actor->wraps_at.us =
        actor->code ? clock.mono(clock.self).us + actor->wrap_ms * US_PER_MS : INT64_MAX;
}

static void config(struct world *world, struct event event)
{
    struct error err;
    if (runtime_ask(world->runtime, &event, &err) != STATUS_OK) {
        fprintf(stderr, "configuration refused: %s\n", err.text);
        exit(1);
    }
}

static void config_campaign(struct world *world, struct campaign *campaign)
{
    struct campaign_run run = {0};
    struct run_counts counts = {0};
    struct error err;
    campaign->address_column_count = world->column_count;
    for (int16_t i = 0; i < world->column_count; i++)
        campaign->address_columns[i] = i;
    campaign->times.slots = world->slots;
    config(world, (struct event){.kind = EVENT_CONFIG_CAMPAIGN, .campaign = *campaign});
    if (world->real_store.ops->run_get(world->real_store.self, campaign->id, &run, &err) !=
        STATUS_OK)
        return; /* never started */
    if (world->real_store.ops->run_counts(world->real_store.self, campaign->id, run.pass,
                                          &counts, &err) != STATUS_OK)
        abort();
    struct event restore = {.kind = EVENT_CONFIG_RUN};
    restore.run.campaign = run.campaign;
    restore.run.status = run.status;
    restore.run.pass = run.pass;
    restore.run.attempts = counts.attempts;
    restore.run.contacts_called = counts.contacts_called;
    restore.run.skipped = counts.skipped;
    memcpy(restore.run.outcomes, counts.outcomes, sizeof(counts.outcomes));
    config(world, restore);
}

void world_open(struct world *world)
{
    struct error err;
    struct runtime_options options = {
        .store = world->store,
        .clock = sim_clock_port(&world->clock),
        .zones = &world_zones,
        .cell = 1,
        .is_inline = true,
        .watcher = {.context = world, .agent = agent_changed, .call = call_changed},
    };
    if (runtime_create(&options, &world->runtime, &err) != STATUS_OK)
        abort();
    world->network_options.sink = runtime_sink(world->runtime);
    sim_network_destroy(world->network);
    world->network = sim_network_create(&world->network_options);
    runtime_set_telephony(world->runtime, sim_network_port(world->network));
    struct arena arena;
    arena_init(&arena);
    struct zone_set *sets;
    size_t count = 0;
    if (world->real_store.ops->zone_sets_list(world->real_store.self, &world_zones, &arena,
                                              &sets, &count, &err) != STATUS_OK)
        abort();
    for (size_t i = 0; i < count; i++)
        config(world, (struct event){.kind = EVENT_CONFIG_ZONE_SET, .zone_set = sets[i]});
    arena_fini(&arena);
    config(world, (struct event){.kind = EVENT_CONFIG_TRUNK,
                                 .trunk = {{TRUNK_ID},
                                           (int32_t)world->channels,
                                           (int32_t)world->calls_per_second}});
    world->queue.members = world->members;
    world->queue.member_count = world->agent_count;
    for (int i = 0; i < world->agent_count; i++)
        world->members[i].value = i + 1;
    config(world, (struct event){.kind = EVENT_CONFIG_QUEUE, .queue = world->queue});
    for (int i = 0; i < world->code_count; i++)
        config(world, (struct event){.kind = EVENT_CONFIG_WRAPUP_CODE,
                                     .wrapup_code = world->codes[i]});
    for (int i = 1; i <= world->agent_count; i++) {
        world_phone(world, i, true);
        config(world,
               (struct event){.kind = EVENT_CONFIG_AGENT, .agent = {{i}, PHONE_BASE + i}});
    }
    config_campaign(world, &world->campaign);
    if (world->rival.id.value)
        config_campaign(world, &world->rival);
}

void world_close(struct world *world)
{
    runtime_destroy(world->runtime);
    world->runtime = NULL;
}

enum status world_ask(struct world *world, enum event_kind kind, int agent, const char *text,
                      struct error *err)
{
    struct event event = {.kind = kind};
    event.ask.agent.value = agent;
    if (!agent)
        event.ask.campaign.value = CAMPAIGN_ID;
    snprintf(event.ask.text, sizeof(event.ask.text), "%s", text ? text : "");
    enum status status = runtime_ask(world->runtime, &event, err);
    runtime_pump(world->runtime);
    return status;
}

void world_phone(struct world *world, int agent, bool is_registered)
{
    struct event event = {.kind = EVENT_PHONE};
    event.phone.phone = PHONE_BASE + agent;
    event.phone.is_registered = is_registered;
    runtime_push(world->runtime, &event);
    runtime_pump(world->runtime);
}

static void actors_act(struct world *world)
{
    struct clock_port clock = sim_clock_port(&world->clock);
    int64_t now = clock.mono(clock.self).us;
    for (int i = 1; i <= world->agent_count; i++) {
        struct actor *actor = &world->actors[i];
        if (!actor->wrapping.value || actor->wraps_at.us > now)
            continue;
        struct event event = {.kind = EVENT_ASK_WRAPUP};
        event.ask.agent.value = i;
        event.ask.call = actor->wrapping;
        event.ask.wrapup.value = actor->code;
        actor->wrapping.value = 0;
        actor->wraps_at.us = INT64_MAX;
        struct error err; /* the wrap-up time may have run out in the same instant */
        enum status status = runtime_ask(world->runtime, &event, &err);
        if (status != STATUS_OK && status != STATUS_NOT_FOUND)
            world_violation(world, err.text, i);
    }
}

static void check_limits(struct world *world)
{
    struct campaign_view view;
    if (!engine_campaign_view(runtime_engine(world->runtime), world->campaign.id, &view))
        return;
    int32_t calls = view.calls_dialing + view.calls_ringing + view.calls_talking;
    if (calls > world->calls_most)
        world->calls_most = calls;
    if (view.calls_talking > world->talking_most)
        world->talking_most = view.calls_talking;
    if (world->campaign.mode == MODE_PROGRESSIVE && calls > world->agent_count)
        world_violation(world, "more calls than agents", calls);
    if (world->campaign.line_count && calls > world->campaign.line_count)
        world_violation(world, "more calls than lines", calls);
}

void world_run_until(struct world *world, struct wall until)
{
    struct clock_port clock = sim_clock_port(&world->clock);
    for (;;) {
        runtime_pump(world->runtime);
        actors_act(world);
        sim_network_run(world->network);
        if (runtime_pump(world->runtime))
            continue;
        check_limits(world);
        int64_t now = clock.mono(clock.self).us;
        int64_t end = now + (until.us - clock.wall(clock.self).us);
        int64_t next = end;
        if (runtime_wake(world->runtime).us < next)
            next = runtime_wake(world->runtime).us;
        if (sim_network_wake(world->network).us < next)
            next = sim_network_wake(world->network).us;
        for (int i = 1; i <= world->agent_count; i++)
            if (world->actors[i].wrapping.value && world->actors[i].wraps_at.us < next)
                next = world->actors[i].wraps_at.us;
        if (next < now)
            next = now;
        if (next >= end) {
            sim_clock_advance(&world->clock, (struct mono){end});
            return;
        }
        sim_clock_advance(&world->clock, (struct mono){next});
    }
}
