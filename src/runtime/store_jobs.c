/* store_jobs.c -- the store's side of the runtime: claims, builds and group commits.
 * These threads may wait on the disk; the engine never does. */
#include "runtime/internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ensure.h"
#include "base/log.h"

#define RETRY_US 200000

static void begin(struct message *answer, enum event_kind kind)
{
    memset(answer, 0, sizeof(*answer));
    answer->kind = MESSAGE_EVENT;
    answer->event.kind = kind;
}

static bool is_ok(const struct command *command, enum status status, const struct error *err)
{
    if (status == STATUS_OK)
        return true;
    log_warn("store.failed", "command=%d status=%s text=%s", (int)command->kind,
             status_name(status), err->text);
    return false;
}

static struct arena *arena_on_heap(void)
{
    struct arena *arena = memory_new(1, sizeof(*arena));
    arena_init(arena);
    return arena;
}

static void list_lanes(struct runtime *runtime, const struct command *command,
                       struct message *answer)
{
    struct store_port store = runtime->options.store;
    struct error err = {0};
    struct queue_lane *lanes = memory_new(QUEUE_LANE_MAX, sizeof(*lanes));
    size_t count = QUEUE_LANE_MAX;
    begin(answer, EVENT_STORE_LANES);
    answer->event.lanes.campaign = command->campaign.campaign;
    answer->event.lanes.is_ok = is_ok(
        command,
        store.ops->queue_lanes(store.self, command->campaign.campaign, lanes, &count, &err),
        &err);
    if (answer->event.lanes.is_ok) {
        answer->owned = arena_on_heap();
        struct zone_set_id *ids = arena_new(answer->owned, count, sizeof(*ids));
        for (size_t i = 0; i < count; i++)
            ids[i] = lanes[i].zone_set;
        answer->event.lanes.count = (int32_t)count;
        answer->event.lanes.zone_sets = ids;
    }
    free(lanes);
}

static void answer_claim(const struct command *command, const struct claimed *claimed,
                         struct message *answer)
{
    size_t count = (size_t)claimed->count;
    begin(answer, EVENT_STORE_CLAIMED);
    answer->owned = arena_on_heap();
    struct candidate *own = arena_new(answer->owned, count, sizeof(*own));
    if (count)
        memcpy(own, claimed->candidates, count * sizeof(*own));
    answer->event.claimed.campaign = command->claim.campaign;
    answer->event.claimed.pass = command->claim.pass;
    answer->event.claimed.zone_set = command->claim.zone_set;
    answer->event.claimed.is_drained = claimed->is_drained;
    answer->event.claimed.count = claimed->count;
    answer->event.claimed.candidates = own;
}

/* Lanes of one run, claimed together. */
static void claim(struct runtime *runtime, const struct command *commands, size_t count,
                  struct message *answers)
{
    struct store_port store = runtime->options.store;
    struct error err = {0};
    struct claim claims[CLAIM_LANE_MAX];
    struct claimed claimed[CLAIM_LANE_MAX] = {0};
    struct arena arena;
    struct wall due_next = {INT64_MAX};
    arena_init(&arena);
    for (size_t i = 0; i < count; i++)
        claims[i] = commands[i].claim;
    enum status status = store.ops->claim(store.self, claims, count, &arena, claimed, &err);
    if (status == STATUS_OK)
        status =
            store.ops->due_next(store.self, claims[0].campaign, claims[0].now, &due_next, &err);
    bool has_them = is_ok(&commands[0], status, &err);
    for (size_t i = 0; i < count; i++) {
        if (!has_them)
            claimed[i] = (struct claimed){0};
        answer_claim(&commands[i], &claimed[i], &answers[i]);
        answers[i].event.claimed.is_ok = has_them;
        answers[i].event.claimed.due_next = due_next;
    }
    arena_fini(&arena);
    atomic_fetch_add(&runtime->claim_count, (int64_t)count);
}

static void build(struct runtime *runtime, const struct command *command,
                  struct message *answer)
{
    struct store_port store = runtime->options.store;
    struct error err = {0};
    struct queue_build progress = {0};
    begin(answer, EVENT_STORE_BUILD);
    answer->event.build.campaign = command->build.order.campaign;
    answer->event.build.pass = command->build.order.pass;
    answer->event.build.is_ok =
        is_ok(command,
              store.ops->queue_build(store.self, &command->build.order, &progress, &err), &err);
    answer->event.build.is_done = progress.is_done;
    answer->event.build.looked_at = progress.looked_at;
    answer->event.build.queued = progress.queued;
}

static void draw_pass(struct runtime *runtime, const struct command *command,
                      struct message *answer)
{
    struct store_port store = runtime->options.store;
    struct error err = {0};
    begin(answer, EVENT_STORE_PASS);
    answer->event.drawn.campaign = command->campaign.campaign;
    answer->event.drawn.is_ok =
        is_ok(command, store.ops->pass_draw(store.self, &answer->event.drawn.pass, &err), &err);
}

void store_job_run(struct runtime *runtime, const struct command *command,
                   struct message *answer)
{
    switch ((int)command->kind) {
    case COMMAND_LIST_LANES: list_lanes(runtime, command, answer); break;
    case COMMAND_CLAIM: claim(runtime, command, 1, answer); break;
    case COMMAND_BUILD_QUEUE: build(runtime, command, answer); break;
    case COMMAND_DRAW_PASS: draw_pass(runtime, command, answer); break;
    default: ensure_never("a command to the store");
    }
}

static void answer_write(const struct dialer_write *write, enum dialer_result result,
                         struct message *answer)
{
    begin(answer, EVENT_STORE_WRITTEN);
    answer->event.written.kind = write->kind;
    answer->event.written.campaign = write->campaign;
    answer->event.written.contact = write->contact;
    answer->event.written.call = write->call;
    answer->event.written.result = result;
    /* A conversation's end leaves the contact running: its wrap-up is still to come. */
    answer->event.written.is_last =
        write->kind != DIALER_END || write->change.state != CONTACT_RUNNING;
    if (write->due_class)
        answer->event.written.due_at = write->due_at;
}

enum status store_job_commit(struct runtime *runtime, const struct dialer_write *writes,
                             int32_t count, struct message *answers)
{
    struct store_port store = runtime->options.store;
    struct error err = {0};
    enum dialer_result *results = memory_new((size_t)count, sizeof(*results));
    struct dialer_batch batch = {
        .cell = runtime->options.cell,
        .epoch = runtime->epoch,
        .count = count,
        .writes = writes,
        .results = results,
    };
    int64_t before = instant_mono_now().us;
    enum status status = store.ops->commit(store.self, &batch, &err);
    int64_t took = instant_mono_now().us - before;
    atomic_fetch_add(&runtime->commit_count, 1);
    atomic_fetch_add(&runtime->write_count, count);
    atomic_fetch_add(&runtime->commit_us_sum, took);
    if (took > atomic_load(&runtime->commit_us_max))
        atomic_store(&runtime->commit_us_max, took);
    if (status != STATUS_OK)
        log_warn("store.commit_failed", "status=%s text=%s", status_name(status), err.text);
    for (int32_t i = 0; i < count; i++) {
        enum dialer_result result = results[i];
        if (status == STATUS_UNKNOWN)
            result = WRITE_UNKNOWN;
        else if (status != STATUS_OK)
            result = WRITE_FAILED;
        answer_write(&writes[i], result, &answers[i]);
    }
    free(results);
    return status;
}

/* These threads may wait; the engine drains its mailbox without waiting for them. Once the
 * runtime stops, nobody reads answers any more. */
static void post_patiently(struct runtime *runtime, const struct message *message)
{
    while (!mailbox_post(runtime->events, message)) {
        if (atomic_load(&runtime->is_stopping)) {
            if (message->owned) {
                arena_fini(message->owned);
                free(message->owned);
            }
            return;
        }
        usleep(1000);
    }
}

static void tell_available(struct runtime *runtime, bool is_available)
{
    if (runtime->was_available == is_available)
        return;
    runtime->was_available = is_available;
    struct message message;
    begin(&message, EVENT_STORE_AVAILABLE);
    message.event.store.is_available = is_available;
    post_patiently(runtime, &message);
    if (is_available)
        log_info("store.available", "%s", "dialing goes on");
    else
        log_error("store.unavailable", "%s", "dialing is paused; live calls go on");
}

/* Posts the answers and keeps what must be written again: everything but intents. Returns how
 * many writes are kept, moved to the front. */
static int32_t settle_group(struct runtime *runtime, struct dialer_write *writes, int32_t count,
                            struct message *answers, enum status status)
{
    bool is_again = status == STATUS_UNAVAILABLE || status == STATUS_UNKNOWN ||
                    status == STATUS_FULL || status == STATUS_TIMEOUT;
    int32_t kept = 0;
    for (int32_t i = 0; i < count; i++) {
        if (is_again && writes[i].kind != DIALER_INTENT)
            writes[kept++] = writes[i];
        else
            post_patiently(runtime, &answers[i]);
    }
    tell_available(runtime, !is_again);
    if (status == STATUS_STALE) {
        log_error("cell.fenced", "cell=%d epoch=%lld", (int)runtime->options.cell,
                  (long long)runtime->epoch);
        if (runtime->options.watcher.fenced)
            runtime->options.watcher.fenced(runtime->options.watcher.fenced_context);
    }
    return kept;
}

void *commit_thread(void *arg)
{
    struct runtime *runtime = arg;
    struct dialer_write *writes = memory_new(COMMIT_MOST, sizeof(*writes));
    struct message *answers = memory_new(COMMIT_MOST, sizeof(*answers));
    struct command command;
    int32_t count = 0;
    for (;;) {
        bool has_waited = count == 0;
        if (has_waited && !mailbox_take(runtime->commits, &command, 1000)) {
            if (atomic_load(&runtime->is_stopping))
                break;
            continue;
        }
        if (has_waited)
            writes[count++] = command.write;
        /* The window: commit what has arrived within it as one group. */
        int64_t until = instant_mono_now().us + COMMIT_WINDOW_MS * US_PER_MS;
        int64_t left;
        while (count < COMMIT_MOST && (left = until - instant_mono_now().us) > 0 &&
               mailbox_take(runtime->commits, &command, (int)(left / US_PER_MS) + 1))
            writes[count++] = command.write;
        enum status status = store_job_commit(runtime, writes, count, answers);
        count = settle_group(runtime, writes, count, answers, status);
        if (count && atomic_load(&runtime->is_stopping))
            break; /* the store is gone: an attempt without an end counts as made */
        if (count)
            usleep(RETRY_US);
    }
    free(writes);
    free(answers);
    return NULL;
}

static void job_do(struct runtime *runtime, const struct command *command)
{
    struct message answer;
    store_job_run(runtime, command, &answer);
    bool has_failed = (answer.event.kind == EVENT_STORE_BUILD && !answer.event.build.is_ok) ||
                      (answer.event.kind == EVENT_STORE_PASS && !answer.event.drawn.is_ok) ||
                      (answer.event.kind == EVENT_STORE_LANES && !answer.event.lanes.is_ok);
    if (has_failed)
        usleep(RETRY_US); /* the engine asks again at once */
    post_patiently(runtime, &answer);
}

/* Whether the command asks for another lane of the same run, by the same rules. */
static bool is_of_run(const struct command *command, const struct command *first)
{
    const struct claim *a = &command->claim, *b = &first->claim;
    return command->kind == COMMAND_CLAIM && a->campaign.value == b->campaign.value &&
           a->pass == b->pass && a->dnc_list_count == b->dnc_list_count &&
           memcmp(a->dnc_lists, b->dnc_lists, sizeof(a->dnc_lists)) == 0 &&
           memcmp(a->dnc_columns, b->dnc_columns, sizeof(a->dnc_columns)) == 0 &&
           a->contact_since.us == b->contact_since.us &&
           a->number_since.us == b->number_since.us;
}

/* Claims of one run that wait behind each other are made together. */
void *claim_thread(void *arg)
{
    struct runtime *runtime = arg;
    struct command *commands = memory_new(CLAIM_LANE_MAX + 1, sizeof(*commands));
    struct message *answers = memory_new(CLAIM_LANE_MAX, sizeof(*answers));
    bool has_one = false;
    while (has_one || mailbox_take(runtime->claims, &commands[0], -1)) {
        has_one = false;
        if (commands[0].kind != COMMAND_CLAIM) {
            job_do(runtime, &commands[0]);
            continue;
        }
        size_t count = 1;
        while (count < CLAIM_LANE_MAX && !has_one &&
               mailbox_poll(runtime->claims, &commands[count])) {
            has_one = !is_of_run(&commands[count], &commands[0]);
            count += !has_one;
        }
        claim(runtime, commands, count, answers);
        for (size_t i = 0; i < count; i++)
            post_patiently(runtime, &answers[i]);
        if (has_one)
            commands[0] = commands[count];
    }
    free(commands);
    free(answers);
    return NULL;
}

void *build_thread(void *arg)
{
    struct runtime *runtime = arg;
    struct command command;
    while (mailbox_take(runtime->builds, &command, -1))
        job_do(runtime, &command);
    return NULL;
}
