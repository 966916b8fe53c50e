#include "runtime/runtime.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/ensure.h"
#include "base/log.h"
#include "runtime/internal.h"

struct now runtime_now(const struct runtime *runtime)
{
    const struct clock_port *clock = &runtime->options.clock;
    return (struct now){clock->mono(clock->self), clock->wall(clock->self)};
}

enum status runtime_create(const struct runtime_options *options, struct runtime **out,
                           struct error *err)
{
    int64_t epoch;
    struct wall now = options->clock.wall(options->clock.self);
    enum status status =
        options->store.ops->epoch_take(options->store.self, options->cell, now, &epoch, err);
    if (status != STATUS_OK)
        return status;
    struct runtime *runtime = memory_new(1, sizeof(*runtime));
    runtime->options = *options;
    runtime->epoch = epoch;
    runtime->was_available = true;
    runtime->engine =
        engine_create(&(struct engine_options){.epoch = epoch, .zones = options->zones});
    commands_init(&runtime->commands);
    if (!options->is_inline) {
        runtime->events = mailbox_create(EVENT_BOX_SIZE, sizeof(struct message));
        runtime->commits = mailbox_create(COMMAND_BOX_SIZE, sizeof(struct command));
        runtime->claims = mailbox_create(COMMAND_BOX_SIZE / 4, sizeof(struct command));
        runtime->builds = mailbox_create(COMMAND_BOX_SIZE / 16, sizeof(struct command));
    }
    *out = runtime;
    return STATUS_OK;
}

void runtime_set_telephony(struct runtime *runtime, struct telephony_port telephony)
{
    runtime->options.telephony = telephony;
}

/* --- Commands -------------------------------------------------------------------------------
 */

static void telephony_fill(const struct command *command, struct telephony_command *out)
{
    memset(out, 0, sizeof(*out));
    switch ((int)command->kind) {
    case COMMAND_DIAL:
        out->kind = TELEPHONY_DIAL;
        out->leg.value = command->dial.leg.value;
        out->dial.trunk = command->dial.trunk;
        out->dial.number = command->dial.number;
        out->dial.caller_number = command->dial.caller_number;
        memcpy(out->dial.caller_name, command->dial.caller_name, sizeof(out->dial.caller_name));
        out->dial.ring_timeout_ms = command->dial.ring_timeout_ms;
        break;
    case COMMAND_RING_PHONE:
        out->kind = TELEPHONY_RING_PHONE;
        out->leg.value = command->ring.leg.value;
        out->ring.phone.value = command->ring.phone;
        out->ring.ring_timeout_ms = command->ring.ring_timeout_ms;
        out->ring.is_auto_answer = command->ring.is_auto_answer;
        memcpy(out->ring.caller_text, "Cadran", sizeof("Cadran"));
        break;
    case COMMAND_HANG_UP:
        out->kind = TELEPHONY_HANG_UP;
        out->leg.value = command->leg.leg.value;
        out->hang_up.cause = 16;
        break;
    case COMMAND_BRIDGE:
        out->kind = TELEPHONY_BRIDGE;
        out->leg.value = command->bridge.leg.value;
        out->bridge.other.value = command->bridge.other.value;
        break;
    case COMMAND_TONE:
        out->kind = TELEPHONY_TONE;
        out->leg.value = command->leg.leg.value;
        break;
    default: ensure_never("a command to telephony");
    }
}

static bool offer_telephony(struct runtime *runtime, const struct command *command)
{
    struct telephony_command out;
    telephony_fill(command, &out);
    struct telephony_port port = runtime->options.telephony;
    ensure(port.post);
    return port.post(port.self, &out) == STATUS_OK;
}

static bool offer(struct runtime *runtime, struct mailbox *box, const struct command *command)
{
    return box ? mailbox_post(box, command) : offer_telephony(runtime, command);
}

/* Sends, or keeps behind what is kept already. box NULL = telephony. */
static void send(struct runtime *runtime, struct mailbox *box, struct backlog *backlog,
                 const struct command *command)
{
    if (backlog->count == 0 && offer(runtime, box, command))
        return;
    backlog->items = memory_grow(backlog->items, &backlog->capacity, backlog->count + 1,
                                 sizeof(*backlog->items));
    backlog->items[backlog->count++] = *command;
}

static void backlog_flush(struct runtime *runtime, struct mailbox *box, struct backlog *backlog)
{
    size_t sent = 0;
    while (sent < backlog->count && offer(runtime, box, &backlog->items[sent]))
        sent++;
    if (!sent)
        return;
    memmove(backlog->items, backlog->items + sent,
            (backlog->count - sent) * sizeof(*backlog->items));
    backlog->count -= sent;
}

static void queue_message(struct runtime *runtime, const struct message *message)
{
    runtime->queue = memory_grow(runtime->queue, &runtime->queue_capacity,
                                 runtime->queue_count + 1, sizeof(*runtime->queue));
    runtime->queue[runtime->queue_count++] = *message;
}

static void run_inline(struct runtime *runtime, const struct command *command)
{
    struct message answer;
    if (command->kind == COMMAND_WRITE)
        (void)store_job_commit(runtime, &command->write, 1, &answer);
    else
        store_job_run(runtime, command, &answer);
    queue_message(runtime, &answer);
}

static void send_to_store(struct runtime *runtime, const struct command *command)
{
    if (runtime->options.is_inline) {
        run_inline(runtime, command);
        return;
    }
    switch ((int)command->kind) {
    case COMMAND_WRITE: send(runtime, runtime->commits, &runtime->to_commits, command); break;
    case COMMAND_CLAIM:
    case COMMAND_LIST_LANES:
        send(runtime, runtime->claims, &runtime->to_claims, command);
        break;
    default: send(runtime, runtime->builds, &runtime->to_builds, command); break;
    }
}

static void reply(struct runtime *runtime, const struct command *command)
{
    struct answer answer = {.status = command->reply.status};
    memcpy(answer.text, command->reply.text, sizeof(answer.text));
    ensure(runtime->asker); /* E5: in the step that received it, once */
    future_answer(runtime->asker, &answer);
    runtime->asker = NULL;
}

static void carry_out(struct runtime *runtime, const struct command *command)
{
    switch (command->kind) {
    case COMMAND_DRAW_PASS:
    case COMMAND_BUILD_QUEUE:
    case COMMAND_LIST_LANES:
    case COMMAND_CLAIM:
    case COMMAND_WRITE: send_to_store(runtime, command); break;
    case COMMAND_DIAL:
    case COMMAND_RING_PHONE:
    case COMMAND_HANG_UP:
    case COMMAND_BRIDGE:
    case COMMAND_TONE: send(runtime, NULL, &runtime->to_telephony, command); break;
    case COMMAND_REPLY: reply(runtime, command); break;
    case COMMAND_NOTIFY:
        notice_mark(runtime, command->notify.notice, command->notify.id);
        break;
    }
}

static void step(struct runtime *runtime, const struct event *event)
{
    commands_clear(&runtime->commands);
    engine_step(runtime->engine, event, runtime_now(runtime), &runtime->commands);
    atomic_fetch_add(&runtime->event_count, 1);
    atomic_fetch_add(&runtime->command_count, (int64_t)runtime->commands.count);
    for (size_t i = 0; i < runtime->commands.count; i++)
        carry_out(runtime, &runtime->commands.items[i]);
}

static void handle(struct runtime *runtime, struct message *message)
{
    switch (message->kind) {
    case MESSAGE_EVENT:
        runtime->asker = message->future;
        message->event.request = message->future ? 1 : 0;
        step(runtime, &message->event);
        ensure(!runtime->asker);
        break;
    case MESSAGE_READ: {
        struct answer answer = {.status = STATUS_OK};
        message->read(runtime->engine, message->arg);
        future_answer(message->future, &answer);
        break;
    }
    case MESSAGE_QUIT: break;
    }
    if (message->owned) {
        arena_fini(message->owned);
        free(message->owned);
    }
}

/* --- Threaded -------------------------------------------------------------------------------
 */

static void flush_all(struct runtime *runtime)
{
    backlog_flush(runtime, runtime->commits, &runtime->to_commits);
    backlog_flush(runtime, runtime->claims, &runtime->to_claims);
    backlog_flush(runtime, runtime->builds, &runtime->to_builds);
    backlog_flush(runtime, NULL, &runtime->to_telephony);
}

static int wait_ms(const struct runtime *runtime)
{
    if (runtime->to_commits.count || runtime->to_claims.count || runtime->to_builds.count ||
        runtime->to_telephony.count)
        return 1;
    int64_t wake = engine_wake(runtime->engine).us;
    bool has_notices = runtime->dirty_campaigns.count || runtime->dirty_agents.count ||
                       runtime->dirty_calls.count;
    int64_t notices = runtime->notices_at.us + NOTICE_PERIOD_MS * US_PER_MS;
    if (has_notices && notices < wake)
        wake = notices;
    int64_t ahead_us = wake == INT64_MAX ? US_PER_S : wake - runtime_now(runtime).mono.us;
    if (ahead_us <= 0)
        return 0;
    return ahead_us > US_PER_S ? 1000 : (int)((ahead_us + US_PER_MS - 1) / US_PER_MS);
}

static void *engine_thread(void *arg)
{
    struct runtime *runtime = arg;
    const struct event tick = {.kind = EVENT_TICK};
    struct message message;
    for (;;) {
        bool has_one = mailbox_take(runtime->events, &message, wait_ms(runtime));
        if (has_one && message.kind == MESSAGE_QUIT)
            return NULL;
        if (has_one)
            handle(runtime, &message);
        if (engine_wake(runtime->engine).us <= runtime_now(runtime).mono.us)
            step(runtime, &tick);
        flush_all(runtime);
        notices_publish(runtime, false);
    }
}

void runtime_start(struct runtime *runtime)
{
    ensure(!runtime->options.is_inline && !runtime->is_started);
    runtime->is_started = true;
    pthread_create(&runtime->commit_thread, NULL, commit_thread, runtime);
    pthread_create(&runtime->claim_thread, NULL, claim_thread, runtime);
    pthread_create(&runtime->build_thread, NULL, build_thread, runtime);
    pthread_create(&runtime->engine_thread, NULL, engine_thread, runtime);
}

void runtime_pause(struct runtime *runtime)
{
    struct message message = {.kind = MESSAGE_EVENT};
    message.event.kind = EVENT_STORE_AVAILABLE;
    message.event.store.is_available = false;
    while (runtime->is_started && !mailbox_post(runtime->events, &message))
        usleep(1000); /* the engine drains it all the time */
}

void runtime_stop(struct runtime *runtime)
{
    if (!runtime->is_started)
        return;
    runtime->is_started = false;
    struct message quit = {.kind = MESSAGE_QUIT};
    while (!mailbox_post(runtime->events, &quit))
        ;
    pthread_join(runtime->engine_thread, NULL);
    for (size_t i = 0; i < runtime->to_commits.count; i++)
        while (!mailbox_post(runtime->commits, &runtime->to_commits.items[i]))
            usleep(1000);
    atomic_store(&runtime->is_stopping, true);
    mailbox_close(runtime->claims);
    mailbox_close(runtime->builds);
    mailbox_close(runtime->commits);
    /* Answers go nowhere now; make room so that no thread waits for it. */
    mailbox_close(runtime->events);
    struct message rest;
    while (mailbox_poll(runtime->events, &rest)) {
        if (rest.future)
            future_answer(rest.future, &(struct answer){.status = STATUS_UNAVAILABLE});
        if (rest.owned) {
            arena_fini(rest.owned);
            free(rest.owned);
        }
    }
    pthread_join(runtime->claim_thread, NULL);
    pthread_join(runtime->build_thread, NULL);
    pthread_join(runtime->commit_thread, NULL);
}

void runtime_destroy(struct runtime *runtime)
{
    if (!runtime)
        return;
    runtime_stop(runtime);
    engine_destroy(runtime->engine);
    commands_fini(&runtime->commands);
    mailbox_destroy(runtime->events);
    mailbox_destroy(runtime->commits);
    mailbox_destroy(runtime->claims);
    mailbox_destroy(runtime->builds);
    free(runtime->to_commits.items);
    free(runtime->to_claims.items);
    free(runtime->to_builds.items);
    free(runtime->to_telephony.items);
    table_fini(&runtime->dirty_campaigns);
    table_fini(&runtime->dirty_agents);
    table_fini(&runtime->dirty_calls);
    for (size_t i = runtime->queue_head; i < runtime->queue_count; i++)
        if (runtime->queue[i].owned) {
            arena_fini(runtime->queue[i].owned);
            free(runtime->queue[i].owned);
        }
    free(runtime->queue);
    free(runtime);
}

/* --- From other threads ---------------------------------------------------------------------
 */

static bool translate(const struct telephony_event *in, struct event *out)
{
    memset(out, 0, sizeof(*out));
    out->leg.leg.value = in->leg.value;
    switch (in->kind) {
    case TELEPHONY_RINGING: out->kind = EVENT_LEG_RINGING; return true;
    case TELEPHONY_EARLY: out->kind = EVENT_LEG_EARLY; return true;
    case TELEPHONY_ANSWERED: out->kind = EVENT_LEG_ANSWERED; return true;
    case TELEPHONY_ENDED:
        out->kind = EVENT_LEG_ENDED;
        out->leg.outcome = in->ended.outcome;
        out->leg.is_by_peer = in->ended.by == ENDED_BY_PEER;
        out->leg.sip_status = in->ended.sip_status;
        out->leg.q850_cause = in->ended.q850_cause;
        memcpy(out->leg.reason, in->ended.reason, sizeof(out->leg.reason));
        return true;
    case TELEPHONY_PHONE_STATE:
        memset(&out->leg, 0, sizeof(out->leg));
        out->kind = EVENT_PHONE;
        out->phone.phone = in->phone.phone.value;
        out->phone.is_registered = in->phone.is_registered;
        return true;
    case TELEPHONY_TRUNK_STATE:
        memset(&out->leg, 0, sizeof(out->leg));
        out->kind = EVENT_TRUNK;
        out->trunk_state.trunk = in->trunk.trunk;
        out->trunk_state.is_up = in->trunk.is_up;
        return true;
    }
    return false;
}

static bool deliver(void *context, const struct telephony_event *event)
{
    struct runtime *runtime = context;
    struct message message = {.kind = MESSAGE_EVENT};
    if (!translate(event, &message.event))
        return true;
    if (runtime->options.is_inline) {
        queue_message(runtime, &message);
        return true;
    }
    return mailbox_post(runtime->events, &message);
}

struct telephony_sink runtime_sink(struct runtime *runtime)
{
    return (struct telephony_sink){.context = runtime, .deliver = deliver};
}

static enum status post_and_wait(struct runtime *runtime, struct message *message,
                                 struct error *err)
{
    struct answer answer = {.status = STATUS_UNAVAILABLE};
    message->future = future_create(sizeof(answer));
    if (runtime->options.is_inline) {
        handle(runtime, message);
    } else if (!mailbox_post(runtime->events, message)) {
        future_answer(message->future, &answer);
        if (!future_wait(message->future, &answer, -1))
            ensure_never("an answer given above");
        return error_set(err, STATUS_UNAVAILABLE, "",
                         "the dialer is busy or stopping; try again");
    }
    if (!future_wait(message->future, &answer, -1))
        return error_set(err, STATUS_UNAVAILABLE, "", "the dialer gave no answer");
    if (answer.status != STATUS_OK)
        return error_set(err, answer.status, "", "%s", answer.text);
    return STATUS_OK;
}

enum status runtime_ask(struct runtime *runtime, const struct event *event, struct error *err)
{
    struct message message = {.kind = MESSAGE_EVENT, .event = *event};
    return post_and_wait(runtime, &message, err);
}

enum status runtime_read(struct runtime *runtime, runtime_read_fn read, void *arg)
{
    struct message message = {.kind = MESSAGE_READ, .read = read, .arg = arg};
    return post_and_wait(runtime, &message, NULL);
}

/* --- Inline ---------------------------------------------------------------------------------
 */

bool runtime_pump(struct runtime *runtime)
{
    ensure(runtime->options.is_inline);
    bool has_worked = false;
    const struct event tick = {.kind = EVENT_TICK};
    for (;;) {
        if (runtime->queue_head < runtime->queue_count) {
            struct message message = runtime->queue[runtime->queue_head++];
            handle(runtime, &message);
        } else if (engine_wake(runtime->engine).us <= runtime_now(runtime).mono.us) {
            step(runtime, &tick);
        } else {
            break;
        }
        has_worked = true;
        if (runtime->queue_head == runtime->queue_count)
            runtime->queue_head = runtime->queue_count = 0;
    }
    notices_publish(runtime, true);
    return has_worked;
}

void runtime_push(struct runtime *runtime, const struct event *event)
{
    struct message message = {.kind = MESSAGE_EVENT, .event = *event};
    queue_message(runtime, &message);
}

struct mono runtime_wake(const struct runtime *runtime)
{
    return engine_wake(runtime->engine);
}

const struct engine *runtime_engine(const struct runtime *runtime)
{
    return runtime->engine;
}

void runtime_figures(struct runtime *runtime, struct runtime_figures *figures)
{
    *figures = (struct runtime_figures){
        .events = atomic_load(&runtime->event_count),
        .commands = atomic_load(&runtime->command_count),
        .commits = atomic_load(&runtime->commit_count),
        .writes = atomic_load(&runtime->write_count),
        .claims = atomic_load(&runtime->claim_count),
        .commit_us_max = atomic_load(&runtime->commit_us_max),
        .commit_us_sum = atomic_load(&runtime->commit_us_sum),
        .mailbox_count = runtime->events ? mailbox_count(runtime->events) : 0,
    };
}
