/* internal.h -- what the runtime's files share. */
#ifndef CADRAN_RUNTIME_INTERNAL_H
#define CADRAN_RUNTIME_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/future.h"
#include "base/mailbox.h"
#include "base/memory.h"
#include "base/table.h"
#include "runtime/runtime.h"

#define EVENT_BOX_SIZE 16384
#define COMMAND_BOX_SIZE 16384
#define COMMIT_WINDOW_MS 10
#define COMMIT_MOST 1024
#define NOTICE_PERIOD_MS 100

/* What reaches the engine's thread. */
struct message {
    enum { MESSAGE_EVENT, MESSAGE_READ, MESSAGE_QUIT } kind;
    struct event event;
    struct arena *owned; /* what the event's pointers point into; freed after the step */
    struct future *future;
    runtime_read_fn read;
    void *arg;
};

struct answer {
    enum status status;
    char text[160];
};

/* Commands that a full mailbox did not take: offered again in order. */
struct backlog {
    struct command *items;
    size_t count, capacity;
};

struct runtime {
    struct runtime_options options;
    struct engine *engine;
    int64_t epoch;
    struct commands commands;
    struct future *asker; /* of the step under way */
    struct mailbox *events;
    struct mailbox *commits, *claims, *builds; /* of struct command */
    struct backlog to_commits, to_claims, to_builds, to_telephony;
    struct table dirty_campaigns, dirty_agents, dirty_calls;
    struct mono notices_at;
    pthread_t engine_thread, commit_thread, claim_thread, build_thread;
    bool is_started;
    _Atomic bool is_stopping;
    bool was_available;
    /* Inline only: */
    struct message *queue;
    size_t queue_head, queue_count, queue_capacity;
    /* Figures */
    _Atomic int64_t event_count, command_count, commit_count, write_count, claim_count;
    _Atomic int64_t commit_us_max, commit_us_sum;
};

struct now runtime_now(const struct runtime *runtime);

/* store_jobs.c: commands to the store, one at a time; the event that answers, and what it owns.
 */
void store_job_run(struct runtime *runtime, const struct command *command,
                   struct message *answer);
/* One group: fills answers[i] for every write that has one, and says how the group went. */
enum status store_job_commit(struct runtime *runtime, const struct dialer_write *writes,
                             int32_t count, struct message *answers);
void *commit_thread(void *runtime);
void *claim_thread(void *runtime);
void *build_thread(void *runtime);

/* notices.c */
void notice_mark(struct runtime *runtime, enum notice notice, int64_t id);
void notices_publish(struct runtime *runtime, bool is_forced);

#endif
