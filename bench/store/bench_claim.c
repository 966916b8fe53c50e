/* bench_claim [--database URL] [CONTACTS [ZONE_SETS]]: claims of the next 100 contacts over
 * many zone sets, with half of the queue dialed; and how soon the first contact can be dialed
 * after Start. */
#include <stdlib.h>

#include "base/ensure.h"
#include "figures.h"

#define CLAIM 100
#define ROUNDS 40

static const struct list_id list = {1};
static const struct campaign_id campaign = {7};

/* `limit` from each of `count` lanes; after[] moves on. */
static int32_t claim_next(struct bench_store *store, int64_t pass, int32_t count, int32_t limit,
                          struct queue_position *after, int64_t *took)
{
    struct claim claims[CLAIM_LANE_MAX];
    struct claimed claimed[CLAIM_LANE_MAX];
    for (int32_t i = 0; i < count; i++)
        claims[i] = (struct claim){
            .campaign = campaign,
            .list = list,
            .pass = pass,
            .zone_set = {i + 1},
            .after = after[i],
            .now = instant_wall_now(),
            .fresh_limit = limit,
            .due_limit = limit,
            .dnc_list_count = 1,
            .dnc_lists = {{9}},
            .contact_since = {instant_wall_now().us - US_PER_DAY},
            .number_since = {instant_wall_now().us - US_PER_DAY},
        };
    struct arena arena;
    struct error err;
    arena_init(&arena);
    struct mono began = instant_mono_now();
    bench_ok(
        store->port.ops->claim(store->port.self, claims, (size_t)count, &arena, claimed, &err),
        &err);
    *took = instant_mono_now().us - began.us;
    int32_t got = 0;
    for (int32_t i = 0; i < count; i++) {
        if (claimed[i].count)
            after[i] = claimed[i].candidates[claimed[i].count - 1].position;
        got += claimed[i].count;
    }
    arena_fini(&arena);
    return got;
}

int main(int argc, char **argv)
{
    struct bench_store store;
    bench_open(&store, &argc, &argv);
    int64_t contacts = argc > 1 ? atoll(argv[1]) : 10000000;
    int32_t zone_sets = argc > 2 ? atoi(argv[2]) : 40;
    ensure(zone_sets > 0 && zone_sets <= CLAIM_LANE_MAX);
    struct error err;
    int64_t pass, took = 0;
    struct mono began = instant_mono_now();
    bench_contacts(&store, list, contacts, zone_sets);
    figure_print("store.claim.load", (double)(instant_mono_now().us - began.us) / 1e6, "s", 0);
    bench_ok(store.port.ops->pass_draw(store.port.self, &pass, &err), &err);
    struct queue_order order = {
        .campaign = campaign, .list = list, .pass = pass, .column_count = 1, .columns = {1}};
    struct queue_build build = {0};
    struct queue_position *after = memory_new((size_t)zone_sets, sizeof(*after));
    began = instant_mono_now();
    bench_ok(store.port.ops->queue_build(store.port.self, &order, &build, &err), &err);
    int32_t first = claim_next(&store, pass, 1, CLAIM, &after[0], &took);
    ensure(first > 0);
    figure_print("store.claim.first_after_start",
                 (double)(instant_mono_now().us - began.us) / 1e6, "s", 5);
    while (!build.is_done)
        bench_ok(store.port.ops->queue_build(store.port.self, &order, &build, &err), &err);
    figure_print("store.claim.build_all", (double)(instant_mono_now().us - began.us) / 1e6, "s",
                 0);
    /* The heads stand in the middle of the queue: what was read before is far behind. */
    struct latencies single = {0}, spread = {0};
    for (int32_t zone = 0; zone < zone_sets; zone++) {
        after[zone].rank_len = 6;
        after[zone].rank[0] = 0x7f;
        after[zone].rank[1] = 0xff;
        uint32_t middle = (uint32_t)(contacts / 2);
        for (int i = 0; i < 4; i++)
            after[zone].rank[2 + i] = (uint8_t)(middle >> (24 - 8 * i));
    }
    for (int round = 0; round < ROUNDS * 10; round++) {
        if (claim_next(&store, pass, 1, CLAIM, &after[0], &took) == CLAIM)
            latency_add(&single, took);
    }
    /* The next 100 over all zone sets, as an engine does that keeps a head of each warm: three
     * from each of 40. */
    int32_t each = CLAIM / zone_sets + 1;
    for (int round = 0; round < ROUNDS * 10; round++) {
        if (claim_next(&store, pass, zone_sets, each, after, &took) >= CLAIM)
            latency_add(&spread, took);
    }
    figure_print("store.claim.next_100_one_zone_p50", latency_quantile(&single, 0.5), "ms", 0);
    figure_print("store.claim.next_100_one_zone_p99", latency_quantile(&single, 0.99), "ms", 5);
    figure_print("store.claim.next_100_all_zones_p50", latency_quantile(&spread, 0.5), "ms", 0);
    figure_print("store.claim.next_100_all_zones_p99", latency_quantile(&spread, 0.99), "ms",
                 5);
    free(single.us);
    free(spread.us);
    free(after);
    bench_close(&store);
    return 0;
}
