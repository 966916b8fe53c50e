#include "telephony/media/thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/ensure.h"
#include "base/memory.h"
#include "base/table.h"

#define TICK_MS 10
#define EVENTS_MAX 256
#define COMMANDS_PER_TURN 256
/* With many streams a wake-up per packet costs more than the packet. A short rest between turns
 * gathers a batch; it is a fortieth of a packet's 20 ms. */
#define REST_STREAMS_MIN 100
#define REST_US 500
#define DATAGRAMS_LEFT_MAX 128

struct media_thread {
    pthread_t thread;
    int epoll_fd, timer_fd;
    struct mailbox *commands, *notes;
    struct table by_leg;
    struct stream **streams;
    size_t count, capacity;
    int64_t loss_after_ms;
    bool is_stopping, has_more_commands;
    bool has_unposted; /* some stream waits for room in the owner's mailbox */
};

void stream_destroy(struct stream *stream)
{
    if (!stream)
        return;
    if (stream->fd >= 0)
        close(stream->fd);
    tone_detector_destroy(stream->detector);
    free(stream);
}

static bool note(struct media_thread *thread, enum media_note_kind kind, struct stream *stream)
{
    struct media_note message = {kind, stream->leg, stream->verdict,
                                 kind == NOTE_GIVEN ? stream : NULL};
    return mailbox_post(thread->notes, &message);
}

static void watch(struct media_thread *thread, int fd, void *what)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = what};
    ensure(epoll_ctl(thread->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0);
}

static void add(struct media_thread *thread, struct stream *stream)
{
    thread->streams = memory_grow(thread->streams, &thread->capacity, thread->count + 1,
                                  sizeof(struct stream *));
    stream->index = thread->count;
    thread->streams[thread->count++] = stream;
    table_put(&thread->by_leg, stream->leg.value, stream);
    watch(thread, stream->fd, stream);
}

/* Gives the stream back; again at the next tick where the owner has no room. */
static void give(struct media_thread *thread, struct stream *stream, struct mono now)
{
    if (!stream->is_closing) {
        /* What had arrived counts, and the other leg hears the end. */
        for (int i = 0; i < DATAGRAMS_LEFT_MAX && stream_receive(stream, now); i++)
            ;
        stream->is_closing = true;
        stream_unbridge(stream);
        ensure(epoll_ctl(thread->epoll_fd, EPOLL_CTL_DEL, stream->fd, NULL) == 0);
        table_remove(&thread->by_leg, stream->leg.value);
    }
    size_t index = stream->index;
    if (!note(thread, NOTE_GIVEN, stream)) {
        thread->has_unposted = true;
        return;
    }
    /* The stream is the owner's now and must not be looked at. */
    thread->streams[index] = thread->streams[--thread->count];
    if (index < thread->count)
        thread->streams[index]->index = index;
}

static void obey(struct media_thread *thread, const struct media_command *command,
                 struct mono now)
{
    if (command->kind == MEDIA_ADD) {
        add(thread, command->stream);
        return;
    }
    struct stream *stream = table_get(&thread->by_leg, command->leg.value);
    if (command->kind == MEDIA_STOP)
        thread->is_stopping = true;
    if (!stream) {
        if (command->kind == MEDIA_HEAR)
            tone_detector_destroy(command->detector);
        return;
    }
    switch (command->kind) {
    case MEDIA_REMOTE: stream_set_remote(stream, &command->remote, now); break;
    case MEDIA_HEAR:
        ensure(!stream->detector);
        stream->detector = command->detector;
        break;
    case MEDIA_BRIDGE: {
        struct stream *other = table_get(&thread->by_leg, command->other.value);
        if (other && other != stream)
            stream_bridge(stream, other);
        break;
    }
    case MEDIA_UNBRIDGE: stream_unbridge(stream); break;
    case MEDIA_PLAY:
        stream->tone_frame = 0;
        stream->frame_due = now;
        break;
    case MEDIA_MOVE:
    case MEDIA_REMOVE: give(thread, stream, now); break;
    case MEDIA_ADD:
    case MEDIA_STOP: break;
    }
}

static void take_commands(struct media_thread *thread, struct mono now)
{
    struct media_command command;
    mailbox_fd_clear(thread->commands);
    int taken = 0;
    while (taken < COMMANDS_PER_TURN && mailbox_poll(thread->commands, &command)) {
        obey(thread, &command, now);
        taken++;
    }
    thread->has_more_commands = taken == COMMANDS_PER_TURN;
}

static void hear(struct media_thread *thread, struct stream *stream, struct mono now)
{
    /* One datagram per wake-up is the rule; epoll tells of the next ones by itself. */
    stream_receive(stream, now);
    if (stream->verdict.tone != EARLY_TONE_NONE && !stream->is_tone_reported)
        stream->is_tone_reported = note(thread, NOTE_TONE, stream);
}

static void tick(struct media_thread *thread, struct mono now)
{
    thread->has_unposted = false;
    for (size_t i = thread->count; i-- > 0;) {
        struct stream *stream = thread->streams[i];
        if (stream->is_closing) {
            give(thread, stream, now);
            continue;
        }
        stream_tick(stream, now);
        if (stream_is_lost(stream, now, thread->loss_after_ms))
            stream->is_loss_reported = note(thread, NOTE_LOST, stream);
        if (stream->verdict.tone != EARLY_TONE_NONE && !stream->is_tone_reported)
            stream->is_tone_reported = note(thread, NOTE_TONE, stream);
    }
}

static void *run(void *arg)
{
    struct media_thread *thread = arg;
    struct epoll_event events[EVENTS_MAX];
    bool is_behind = false;
    while (!thread->is_stopping) {
        int timeout = thread->has_more_commands ? 0 : -1;
        if (thread->count >= REST_STREAMS_MIN && !is_behind)
            usleep(REST_US);
        int count = epoll_wait(thread->epoll_fd, events, EVENTS_MAX, timeout);
        is_behind = count == EVENTS_MAX;
        struct mono now = instant_mono_now();
        bool has_commands = thread->has_more_commands, has_tick = false;
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr == thread->commands)
                has_commands = true;
            else if (events[i].data.ptr == thread)
                has_tick = true;
            else
                hear(thread, events[i].data.ptr, now);
        }
        if (has_tick) {
            uint64_t expirations;
            while (read(thread->timer_fd, &expirations, sizeof(expirations)) < 0 &&
                   errno == EINTR)
                ;
            tick(thread, now);
        }
        /* Last: a command may give away a stream that an event of this turn names. */
        if (has_commands)
            take_commands(thread, now);
    }
    return NULL;
}

static int start_timer(void)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    struct timespec period = {.tv_nsec = TICK_MS * 1000000L};
    struct itimerspec timer = {.it_interval = period, .it_value = period};
    if (fd >= 0)
        ensure(timerfd_settime(fd, 0, &timer, NULL) == 0);
    return fd;
}

struct media_thread *media_thread_create(struct mailbox *notes, int64_t loss_after_ms,
                                         size_t commands_max, struct error *err)
{
    struct media_thread *thread = memory_new(1, sizeof(*thread));
    thread->notes = notes;
    thread->loss_after_ms = loss_after_ms;
    thread->commands = mailbox_create(commands_max, sizeof(struct media_command));
    table_init(&thread->by_leg);
    thread->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    thread->timer_fd = start_timer();
    if (thread->epoll_fd >= 0 && thread->timer_fd >= 0) {
        watch(thread, mailbox_fd(thread->commands), thread->commands);
        watch(thread, thread->timer_fd, thread);
        if (pthread_create(&thread->thread, NULL, run, thread) == 0)
            return thread;
    }
    error_set(err, STATUS_UNAVAILABLE, "", "cannot start a media thread: %s", strerror(errno));
    thread->is_stopping = true;
    media_thread_destroy(thread);
    return NULL;
}

void media_thread_destroy(struct media_thread *thread)
{
    if (!thread)
        return;
    struct media_command stop = {.kind = MEDIA_STOP};
    bool was_running = !thread->is_stopping;
    while (was_running && !mailbox_post(thread->commands, &stop))
        usleep(1000); /* the thread drains it all the time */
    if (was_running)
        pthread_join(thread->thread, NULL);
    struct media_command left;
    while (mailbox_poll(thread->commands, &left)) {
        if (left.kind == MEDIA_ADD)
            stream_destroy(left.stream);
        else if (left.kind == MEDIA_HEAR)
            tone_detector_destroy(left.detector);
    }
    for (size_t i = 0; i < thread->count; i++)
        stream_destroy(thread->streams[i]);
    free(thread->streams);
    table_fini(&thread->by_leg);
    mailbox_destroy(thread->commands);
    if (thread->epoll_fd >= 0)
        close(thread->epoll_fd);
    if (thread->timer_fd >= 0)
        close(thread->timer_fd);
    free(thread);
}

bool media_thread_post(struct media_thread *thread, const struct media_command *command)
{
    return mailbox_post(thread->commands, command);
}
