/* bench_search [CONTACTS]: filters over a list: counts, pages, a page on an indexed column. */
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/random.h"
#include "figures.h"
#include "filter/text.h"

#define PAGE 100
#define ROUNDS 300

static const struct list_id list = {1};
static const char *const names[] = {"Nom", "Tel", "Ville", "Score", "Date"};
static const struct filter_columns columns = {.count = 5, .names = names};
static struct bench_store store;
static struct arena arena;

static void person_fill(void *context, int64_t done, char data[BENCH_DATA_MAX],
                        struct contact_address *address)
{
    (void)done;
    (void)address;
    struct random *random = context;
    snprintf(
        data, BENCH_DATA_MAX,
        "[\"Durand %llu\",\"06 12 34 56 78\",\"Ville %02llu\",\"%llu\",\"2026-0%llu-1%llu\"]",
        (unsigned long long)random_below(random, 100000),
        (unsigned long long)random_below(random, 100),
        (unsigned long long)random_below(random, 1000000),
        (unsigned long long)random_below(random, 9) + 1,
        (unsigned long long)random_below(random, 9));
}

static void load(int64_t contacts)
{
    struct random random;
    random_init(&random, 1);
    bench_people(&store, list, contacts, person_fill, &random);
}

static struct filter parse(const char *text)
{
    struct filter filter;
    struct error err;
    bench_ok(filter_parse(text, strlen(text), &columns, &arena, &filter, NULL, &err), &err);
    return filter;
}

static double seconds_since(struct mono began)
{
    return (double)(instant_mono_now().us - began.us) / 1e6;
}

/* The exact count: its time, and the longest of its pieces. */
static void count_all(const char *name, const char *text)
{
    char figure[96];
    struct filter filter = parse(text);
    struct contact_tally tally = {.looked_at = 0};
    struct latencies pieces = {0};
    struct error err;
    struct mono began = instant_mono_now();
    while (!tally.is_done) {
        struct mono piece = instant_mono_now();
        bench_ok(store.port.ops->contacts_tally(store.port.self, list, &filter,
                                                instant_wall_now(), &tally, &err),
                 &err);
        latency_add(&pieces, instant_mono_now().us - piece.us);
    }
    snprintf(figure, sizeof(figure), "store.search.count_%s", name);
    figure_print(figure, seconds_since(began), "s", 0);
    snprintf(figure, sizeof(figure), "store.search.count_%s_longest_piece", name);
    figure_print(figure, latency_quantile(&pieces, 1), "ms", 0);
    free(pieces.us);
}

static void sample(void)
{
    struct filter filter = parse("Ville = \"Ville 07\"");
    struct latencies took = {0};
    struct contact_tally tally;
    struct error err;
    for (uint64_t i = 0; i < 50; i++) {
        struct mono began = instant_mono_now();
        bench_ok(store.port.ops->contacts_sample(store.port.self, list, &filter,
                                                 instant_wall_now(), i, 40000, &tally, &err),
                 &err);
        latency_add(&took, instant_mono_now().us - began.us);
        ensure(tally.matched * 1000 > tally.looked_at * 7 &&
               tally.matched * 1000 < tally.looked_at * 13);
    }
    figure_print("store.search.sampled_count_p99", latency_quantile(&took, 0.99), "ms", 0);
    free(took.us);
}

/* One whole page; the time it took. Behind the last page the first follows. */
static int64_t page(struct contact_search search, struct contact_id *last)
{
    struct contact_found found = {.is_whole = false};
    struct arena own;
    struct error err;
    arena_init(&own);
    search.list = list;
    search.limit = PAGE;
    search.now = instant_wall_now();
    struct mono began = instant_mono_now();
    while (!found.is_whole) {
        bench_ok(store.port.ops->contacts_search(store.port.self, &search, &own, &found, &err),
                 &err);
        search.limit -= (int32_t)found.count;
        search.offset -= found.passed;
        search.after = found.is_whole ? search.after : found.at;
    }
    int64_t took = instant_mono_now().us - began.us;
    *last = search.limit ? (struct contact_id){0} : found.records[found.count - 1].hot.id;
    arena_fini(&own);
    return took;
}

static void pages_print(const char *name, struct latencies *took, double goal)
{
    char figure[96];
    snprintf(figure, sizeof(figure), "store.search.page_%s_p50", name);
    figure_print(figure, latency_quantile(took, 0.5), "ms", 0);
    snprintf(figure, sizeof(figure), "store.search.page_%s_p99", name);
    figure_print(figure, latency_quantile(took, 0.99), "ms", goal);
    free(took->us);
}

/* One page after another, by key. */
static void pages_by_key(const char *name, struct contact_search search, double goal)
{
    struct latencies took = {0};
    for (int i = 0; i < ROUNDS; i++)
        latency_add(&took, page(search, &search.after));
    pages_print(name, &took, goal);
}

/* By number, drawn from the first thousand. */
static void pages_by_number(const char *name, struct contact_search search, double goal)
{
    struct latencies took = {0};
    struct random random;
    struct contact_id last;
    random_init(&random, 2);
    for (int i = 0; i < ROUNDS; i++) {
        search.offset = (int64_t)random_below(&random, 1000) * PAGE;
        latency_add(&took, page(search, &last));
    }
    pages_print(name, &took, goal);
}

static void index_build(int16_t column, bool is_numeric, const char *name)
{
    char figure[96];
    struct column_index progress = {.is_whole = false};
    struct error err;
    struct mono began = instant_mono_now();
    while (!progress.is_whole)
        bench_ok(store.port.ops->column_index(store.port.self, list, column, is_numeric,
                                              &progress, &err),
                 &err);
    snprintf(figure, sizeof(figure), "store.search.index_%s", name);
    figure_print(figure, seconds_since(began), "s", 0);
}

int main(int argc, char **argv)
{
    arena_init(&arena);
    bench_open(&store, &argc, &argv);
    int64_t contacts = argc > 1 ? atoll(argv[1]) : 1000000;
    load(contacts);
    count_all("equality_1_percent", "Ville = \"Ville 07\"");
    count_all("three_tests",
              "Ville = \"Ville 07\" AND Score > 500000 AND Date AFTER \"2026-05-01\"");
    count_all("state", "State = \"waiting\" AND Priority >= 0");
    sample();
    struct filter rare = parse("Ville = \"Ville 07\""), common = parse("Score >= 100000");
    pages_by_key("filtered_1_percent", (struct contact_search){.filter = &rare}, 50);
    pages_by_key("filtered_90_percent", (struct contact_search){.filter = &common}, 50);
    index_build(3, true, "number");
    index_build(0, false, "text");
    struct contact_search by_score = {.sort_count = 1, .sorts = {{3, true, true}}};
    struct contact_search by_name = {.sort_count = 1, .sorts = {{0, false, false}}};
    pages_by_key("sorted_number", by_score, 50);
    pages_by_number("sorted_number_numbered", by_score, 50);
    pages_by_key("sorted_text", by_name, 50);
    by_score.filter = &common;
    pages_by_key("sorted_filtered_90_percent", by_score, 50);
    by_name.filter = &rare;
    pages_by_key("sorted_filtered_1_percent", by_name, 0);
    bench_close(&store);
    arena_fini(&arena);
    return 0;
}
