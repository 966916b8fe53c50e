/* bench_import [--database URL] [ROWS]: a CSV of 20 columns and up to three numbers a row into
 * an empty list, while a dialer commits ten intents every 10 to 20 ms. The file is made first,
 * untimed. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/random.h"
#include "figures.h"
#include "store/import/import.h"
#include "world/zone_load.h"

#define COLUMNS 20
#define PHONES 3
#define GROUP 10

static const struct list_id imported = {2}, dialed = {1};

static void put_number(FILE *file, struct random *random)
{
    static const char *const starts[] = {"06", "07", "01",   "02", "03",
                                         "04", "05", "0692", "09"};
    uint64_t kind = random_below(random, 100);
    const char *start = starts[random_below(random, ARRAY_LEN(starts))];
    uint64_t digits = random_below(random, 100000000);
    if (kind < 3)
        fprintf(file, "+33 (0)%c %08llu", start[1], (unsigned long long)digits);
    else if (kind < 50)
        fprintf(file, "%.2s%08llu", start, (unsigned long long)digits);
    else if (kind < 75)
        fprintf(file, "%.2s %02llu %02llu %02llu %02llu", start,
                (unsigned long long)digits / 1000000, (unsigned long long)digits / 10000 % 100,
                (unsigned long long)digits / 100 % 100, (unsigned long long)digits % 100);
    else if (kind < 99)
        fprintf(file, "+33%c%08llu", start[1], (unsigned long long)digits);
    else
        fputs("inconnu", file);
}

static void make_file(const char *path, int64_t rows)
{
    FILE *file = fopen(path, "wb");
    struct random random;
    random_init(&random, 1);
    fputs("id,nom,prenom,tel1,tel2,tel3", file);
    for (int i = 6; i < COLUMNS; i++)
        fprintf(file, ",c%d", i);
    fputc('\n', file);
    for (int64_t row = 0; row < rows; row++) {
        fprintf(file, "C%08lld,Durand%lld,Jos\xC3\xA9%lld,", (long long)row,
                (long long)row % 5000, (long long)row % 300);
        put_number(file, &random);
        for (int i = 1; i < PHONES; i++) {
            fputc(',', file);
            if (random_below(&random, 3))
                put_number(file, &random);
        }
        for (int i = 6; i < COLUMNS; i++)
            fprintf(file, ",v%llu", (unsigned long long)random_below(&random, 100000));
        fputc('\n', file);
    }
    /* Its pages must not be written back during the measurement. */
    fflush(file);
    fsync(fileno(file));
    fclose(file);
}

struct dialing {
    struct bench_store *store;
    struct latencies commits;
    int64_t contacts;
    _Atomic bool is_over;
};

static void *dial(void *ptr)
{
    struct dialing *dialing = ptr;
    struct random random;
    random_init(&random, 2);
    for (int64_t at = 1; at + GROUP <= dialing->contacts && !dialing->is_over; at += GROUP) {
        latency_add(&dialing->commits, bench_commit(dialing->store, dialed, at, GROUP));
        struct timespec pause = {0, (long)(10000000 + random_below(&random, 10000000))};
        nanosleep(&pause, NULL);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    struct bench_store store;
    bench_open(&store, &argc, &argv);
    int64_t rows = argc > 1 ? atoll(argv[1]) : 1000000;
    char path[192];
    struct error err;
    struct zone_table zones;
    struct import_column columns[COLUMNS] = {{"id", false, NULL},     {"nom", false, NULL},
                                             {"prenom", false, NULL}, {"tel1", true, NULL},
                                             {"tel2", true, NULL},    {"tel3", true, NULL}};
    char names[COLUMNS][16];
    for (int i = 6; i < COLUMNS; i++) {
        snprintf(names[i], sizeof(names[i]), "c%d", i);
        columns[i].name = names[i];
    }
    bench_ok(zone_load(NULL, &zones, &err), &err);
    snprintf(path, sizeof(path), "%s/in.csv", store.folder);
    make_file(path, rows);
    struct dialing dialing = {.store = &store, .contacts = 100000};
    bench_contacts(&store, dialed, dialing.contacts, 1);
    struct import_order order = {
        .path = path,
        .list = imported,
        .region = "FR",
        .columns = columns,
        .column_count = COLUMNS,
        .duplicates = IMPORT_DUPLICATES_BY_NUMBER,
        .now = instant_wall_now(),
    };
    struct import_progress progress;
    pthread_t dialer;
    pthread_create(&dialer, NULL, dial, &dialing);
    struct mono began = instant_mono_now();
    bench_ok(import_run(&store.port, &zones, &order, &progress, &err), &err);
    double took = (double)(instant_mono_now().us - began.us) / 1e6;
    dialing.is_over = true;
    pthread_join(dialer, NULL);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    figure_print("store.import.rows", (double)progress.rows_read, "rows", 0);
    figure_print("store.import.rows_written", (double)progress.rows_written, "rows", 0);
    figure_print("store.import.time", took, "s", 30);
    figure_print("store.import.memory_peak", (double)usage.ru_maxrss / 1024, "MB", 300);
    figure_print("store.import.intent_commit_p50", latency_quantile(&dialing.commits, 0.5),
                 "ms", 0);
    figure_print("store.import.intent_commit_p99", latency_quantile(&dialing.commits, 0.99),
                 "ms", 25);
    figure_print("store.import.intent_commit_max", latency_quantile(&dialing.commits, 1), "ms",
                 50);
    free(dialing.commits.us);
    zone_unload(&zones);
    unlink(path);
    bench_close(&store);
    return 0;
}
