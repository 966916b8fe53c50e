/* figures.h -- what the store's benchmarks share: a store in a folder of its own, contacts,
 * latencies, and one JSON object a line. A failing call ends the program with its sentence. */
#ifndef CADRAN_BENCH_STORE_FIGURES_H
#define CADRAN_BENCH_STORE_FIGURES_H

#include "port/store.h"

struct bench_store {
    char folder[128], path[160];
    struct store_port port;
    int64_t epoch, call_last;
};

/* Reads and removes "--database URL" from the arguments: that database, which is empty; without
 * it, SQLite. The folder is a new one below CADRAN_BENCH_FOLDER, or /tmp. On PostgreSQL the
 * figures' names begin with "store.postgres." instead of "store.". */
void bench_open(struct bench_store *store, int *argc, char ***argv);
/* Removes the folder. */
void bench_close(struct bench_store *store);
/* Ends the program where the call failed. */
void bench_ok(enum status status, const struct error *err);
/* Adds contacts with one number each. `fill` gives the one after the first `done` its data (at
 * most BENCH_DATA_MAX bytes), and its address where it is to be another than one in zone set 1.
 */
#define BENCH_DATA_MAX 160
void bench_people(struct bench_store *store, struct list_id list, int64_t count,
                  void (*fill)(void *context, int64_t done, char data[BENCH_DATA_MAX],
                               struct contact_address *address),
                  void *context);
/* Adds contacts with one number each, in zone sets 1..zone_sets. */
void bench_contacts(struct bench_store *store, struct list_id list, int64_t count,
                    int32_t zone_sets);
/* An intent on a contact of those, not taken from a queue. */
struct dialer_write bench_intent(struct bench_store *store, struct list_id list,
                                 int64_t sequence);
/* Commits one group of intents on contacts behind `sequence`; the time it took in us. */
int64_t bench_commit(struct bench_store *store, struct list_id list, int64_t sequence,
                     int32_t count);

struct latencies {
    int64_t *us;
    size_t count, capacity;
};
void latency_add(struct latencies *latencies, int64_t us);
/* In ms; 1.0 is the maximum. Sorts. */
double latency_quantile(struct latencies *latencies, double quantile);

/* {"name":..,"value":..,"unit":..,"goal":..}; a goal of 0 is printed as null. */
void figure_print(const char *name, double value, const char *unit, double goal);

#endif
