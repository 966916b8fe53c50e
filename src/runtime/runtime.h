/* runtime.h -- feeds events to the engine and carries out its commands through the ports.
 *
 * The same loop in production and in tests. Threaded: an engine thread owns the engine; a
 * committer gathers writes for COMMIT_WINDOW_MS and commits them as one group; a claimer and a
 * builder read and build the dial queue; telephony delivers into the sink. Inline: no thread at
 * all, runtime_pump does everything in the caller, for a virtual clock.
 *
 * Any thread may call runtime_ask, runtime_read and the sink. */
#ifndef CADRAN_RUNTIME_RUNTIME_H
#define CADRAN_RUNTIME_RUNTIME_H

#include <stdbool.h>

#include "base/status.h"
#include "engine/engine.h"
#include "port/clock.h"
#include "port/store.h"
#include "port/telephony.h"

struct runtime;

/* Told about changes, on the engine's thread: copy and return at once. Several changes of one
 * thing within NOTICE_PERIOD_MS become one call with the newest view. All may be NULL. */
struct runtime_watcher {
    void *context;
    void (*campaign)(void *context, const struct campaign_view *view);
    void (*agent)(void *context, const struct agent_view *view);
    /* `view` is NULL when the call is gone. */
    void (*call)(void *context, struct call_id id, const struct call_view *view);
    /* Another process took the cell over: this one writes nothing any more and should exit. */
    void (*fenced)(void *fenced_context);
    void *fenced_context;
};

struct runtime_options {
    struct store_port store;
    struct telephony_port telephony; /* post NULL: set later by runtime_set_telephony */
    struct clock_port clock;
    const struct zone_table *zones;
    int32_t cell;
    bool is_inline;
    struct runtime_watcher watcher;
};

/* Takes the cell's epoch and creates the engine. Fails when the store does. */
enum status runtime_create(const struct runtime_options *options, struct runtime **runtime,
                           struct error *err);
void runtime_set_telephony(struct runtime *runtime, struct telephony_port telephony);
/* Starts the threads; not for inline ones. */
void runtime_start(struct runtime *runtime);
/* No more dials; calls under way go on and their ends are taken. Before telephony stops, so
 * that what it hangs up is recorded. */
void runtime_pause(struct runtime *runtime);
/* No more dials; writes what is waiting to be written; then joins the threads. */
void runtime_stop(struct runtime *runtime);
void runtime_destroy(struct runtime *runtime);

/* The sink to give to telephony_create. */
struct telephony_sink runtime_sink(struct runtime *runtime);

/* Sends an ASK or CONFIG event and waits until the engine has taken it. The reply's sentence is
 * in err. STATUS_UNAVAILABLE: the engine's mailbox is full, nothing happened. */
enum status runtime_ask(struct runtime *runtime, const struct event *event, struct error *err);

/* Runs `read` on the engine's thread between two steps and waits for it. */
typedef void (*runtime_read_fn)(const struct engine *engine, void *arg);
enum status runtime_read(struct runtime *runtime, runtime_read_fn read, void *arg) MUST_USE;

/* Inline only: handles everything that is waiting; true when something was. */
bool runtime_pump(struct runtime *runtime);
/* Inline only: an event from a simulated world. */
void runtime_push(struct runtime *runtime, const struct event *event);
struct mono runtime_wake(const struct runtime *runtime);
const struct engine *runtime_engine(const struct runtime *runtime);

/* For /metrics and benchmarks. */
struct runtime_figures {
    int64_t events, commands, commits, writes, claims;
    int64_t commit_us_max, commit_us_sum;
    size_t mailbox_count;
};
void runtime_figures(struct runtime *runtime, struct runtime_figures *figures);

#endif
