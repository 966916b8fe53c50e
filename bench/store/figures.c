#include "figures.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/ensure.h"
#include "store/postgres/postgres.h"
#include "store/sqlite/sqlite.h"

void bench_ok(enum status status, const struct error *err)
{
    if (status == STATUS_OK)
        return;
    fprintf(stderr, "%s: %s %s\n", status_name(status), err->path, err->text);
    exit(1);
}

static bool is_postgres;

void bench_open(struct bench_store *store, int *argc, char ***argv)
{
    struct error err;
    const char *url = *argc > 2 && strcmp((*argv)[1], "--database") == 0 ? (*argv)[2] : NULL;
    if (url) {
        *argc -= 2;
        *argv += 2;
    }
    is_postgres = url != NULL;
    const char *below = getenv("CADRAN_BENCH_FOLDER");
    snprintf(store->folder, sizeof(store->folder), "%s/cadran-bench-XXXXXX",
             below ? below : "/tmp");
    ensure(mkdtemp(store->folder) != NULL);
    snprintf(store->path, sizeof(store->path), "%s/cadran.db", store->folder);
    store->call_last = 0;
    bench_ok(url ? store_postgres_open(url, &store->port, &err)
                 : store_sqlite_open(store->path, &store->port, &err),
             &err);
    bench_ok(store->port.ops->epoch_take(store->port.self, 1, instant_wall_now(), &store->epoch,
                                         &err),
             &err);
}

void bench_close(struct bench_store *store)
{
    static const char *const tails[] = {"", "-wal", "-shm"};
    store->port.ops->destroy(store->port.self);
    for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
        char name[192];
        snprintf(name, sizeof(name), "%s%s", store->path, tails[i]);
        unlink(name);
    }
    rmdir(store->folder);
}

static int64_t number_of(int64_t sequence)
{
    /* Spread, so that the index by number meets them in no order. */
    return INT64_C(33600000000) + sequence * INT64_C(7919) % INT64_C(100000000);
}

void bench_people(struct bench_store *store, struct list_id list, int64_t count,
                  void (*fill)(void *context, int64_t done, char data[BENCH_DATA_MAX],
                               struct contact_address *address),
                  void *context)
{
    static struct contact_write writes[400];
    static char data[ARRAY_LEN(writes)][BENCH_DATA_MAX];
    struct error err;
    for (int64_t done = 0; done < count;) {
        size_t n = 0;
        for (; n < ARRAY_LEN(writes) && done < count; n++, done++) {
            writes[n] = (struct contact_write){
                .data = data[n],
                .is_callable = true,
                .address_count = 1,
                .addresses = {{.column = 1,
                               .number = INT64_C(33600000000) + done,
                               .zone_set = {1}}},
            };
            fill(context, done, data[n], &writes[n].addresses[0]);
        }
        bench_ok(store->port.ops->contacts_write(store->port.self, STORE_BULK, list,
                                                 CONTACT_INSERT, writes, n, instant_wall_now(),
                                                 NULL, &err),
                 &err);
    }
}

static void spread_fill(void *context, int64_t done, char data[BENCH_DATA_MAX],
                        struct contact_address *address)
{
    const int32_t *zone_sets = context;
    snprintf(data, BENCH_DATA_MAX, "[\"Durand\",\"06 12 34 56 78\",\"Lyon\",\"2026-01-01\"]");
    address->number = number_of(done + 1);
    address->zone_set.value = 1 + (int32_t)(done % *zone_sets);
}

void bench_contacts(struct bench_store *store, struct list_id list, int64_t count,
                    int32_t zone_sets)
{
    bench_people(store, list, count, spread_fill, &zone_sets);
}

struct dialer_write bench_intent(struct bench_store *store, struct list_id list,
                                 int64_t sequence)
{
    struct wall now = instant_wall_now();
    return (struct dialer_write){
        .kind = DIALER_INTENT,
        .campaign = {1},
        .pass = 1,
        .contact = {(list.value << CONTACT_SEQUENCE_BITS) | sequence},
        .at = now,
        .call = {(store->epoch << 32) | ++store->call_last},
        .from = DUE_FRESH,
        .expected_version = 1,
        .number = number_of(sequence),
        .column = 1,
        .mode = MODE_PROGRESSIVE,
        .dnc_list_count = 1,
        .dnc_lists = {{9}},
        .contact_since = {now.us - US_PER_DAY},
        .number_since = {now.us - US_PER_DAY},
        .contact_cap = 5,
        .number_cap = 5,
    };
}

#define GROUP_MAX 64

int64_t bench_commit(struct bench_store *store, struct list_id list, int64_t sequence,
                     int32_t count)
{
    struct dialer_write writes[GROUP_MAX];
    enum dialer_result results[GROUP_MAX];
    struct error err;
    ensure(count <= GROUP_MAX);
    for (int32_t i = 0; i < count; i++)
        writes[i] = bench_intent(store, list, sequence + i);
    struct dialer_batch batch = {1, store->epoch, count, writes, results};
    struct mono began = instant_mono_now();
    bench_ok(store->port.ops->commit(store->port.self, &batch, &err), &err);
    int64_t took = instant_mono_now().us - began.us;
    for (int32_t i = 0; i < count; i++)
        ensure(results[i] == WRITE_COMMITTED);
    return took;
}

void latency_add(struct latencies *latencies, int64_t us)
{
    latencies->us = memory_grow(latencies->us, &latencies->capacity, latencies->count + 1,
                                sizeof(*latencies->us));
    latencies->us[latencies->count++] = us;
}

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

double latency_quantile(struct latencies *latencies, double quantile)
{
    ensure(latencies->count > 0);
    qsort(latencies->us, latencies->count, sizeof(*latencies->us), compare);
    size_t at = (size_t)(quantile * (double)(latencies->count - 1) + 0.5);
    return (double)latencies->us[at] / 1000.0;
}

void figure_print(const char *name, double value, const char *unit, double goal)
{
    const char *tail = is_postgres ? name + strlen("store.") : name;
    char goal_text[32] = "null";
    if (goal > 0)
        snprintf(goal_text, sizeof(goal_text), "%g", goal);
    printf("{\"name\":\"%s%s\",\"value\":%.3f,\"unit\":\"%s\",\"goal\":%s}\n",
           is_postgres ? "store.postgres." : "", tail, value, unit, goal_text);
    fflush(stdout);
}
