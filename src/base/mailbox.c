#include "base/mailbox.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/ensure.h"
#include "base/memory.h"

struct mailbox {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    unsigned char *slots;
    size_t size, capacity, head, count;
    int fd;
    bool is_closed;
};

struct mailbox *mailbox_create(size_t capacity, size_t size)
{
    ensure(capacity > 0 && size > 0);
    struct mailbox *box = memory_new(1, sizeof(*box));
    pthread_mutex_init(&box->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&box->filled, &attr);
    pthread_condattr_destroy(&attr);
    box->slots = memory_new(capacity, size);
    box->size = size;
    box->capacity = capacity;
    box->fd = -1;
    return box;
}

void mailbox_destroy(struct mailbox *box)
{
    if (!box)
        return;
    if (box->fd >= 0)
        close(box->fd);
    pthread_cond_destroy(&box->filled);
    pthread_mutex_destroy(&box->lock);
    free(box->slots);
    free(box);
}

static void signal_fd(struct mailbox *box)
{
    uint64_t one = 1;
    /* EAGAIN means that the counter is at its top: the reader is woken already. */
    while (write(box->fd, &one, sizeof(one)) < 0 && errno == EINTR)
        ;
}

bool mailbox_post(struct mailbox *box, const void *message)
{
    pthread_mutex_lock(&box->lock);
    bool has_room = !box->is_closed && box->count < box->capacity;
    bool was_empty = box->count == 0;
    if (has_room) {
        size_t tail = (box->head + box->count) % box->capacity;
        memcpy(box->slots + tail * box->size, message, box->size);
        box->count++;
        pthread_cond_signal(&box->filled);
    }
    if (has_room && was_empty && box->fd >= 0)
        signal_fd(box);
    pthread_mutex_unlock(&box->lock);
    return has_room;
}

static bool pop(struct mailbox *box, void *message)
{
    if (!box->count)
        return false;
    memcpy(message, box->slots + box->head * box->size, box->size);
    box->head = (box->head + 1) % box->capacity;
    box->count--;
    return true;
}

bool mailbox_poll(struct mailbox *box, void *message)
{
    pthread_mutex_lock(&box->lock);
    bool taken = pop(box, message);
    pthread_mutex_unlock(&box->lock);
    return taken;
}

bool mailbox_take(struct mailbox *box, void *message, int timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    if (timeout_ms >= 0) {
        until.tv_sec += timeout_ms / 1000;
        until.tv_nsec += (timeout_ms % 1000) * 1000000L;
        if (until.tv_nsec >= 1000000000L) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000L;
        }
    }
    pthread_mutex_lock(&box->lock);
    int waited = 0;
    while (!box->count && !box->is_closed && waited != ETIMEDOUT) {
        if (timeout_ms < 0)
            waited = pthread_cond_wait(&box->filled, &box->lock);
        else
            waited = pthread_cond_timedwait(&box->filled, &box->lock, &until);
    }
    bool taken = pop(box, message);
    pthread_mutex_unlock(&box->lock);
    return taken;
}

void mailbox_close(struct mailbox *box)
{
    pthread_mutex_lock(&box->lock);
    box->is_closed = true;
    pthread_cond_broadcast(&box->filled);
    if (box->fd >= 0)
        signal_fd(box);
    pthread_mutex_unlock(&box->lock);
}

size_t mailbox_count(struct mailbox *box)
{
    pthread_mutex_lock(&box->lock);
    size_t count = box->count;
    pthread_mutex_unlock(&box->lock);
    return count;
}

int mailbox_fd(struct mailbox *box)
{
    pthread_mutex_lock(&box->lock);
    if (box->fd < 0) {
        box->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        ensure(box->fd >= 0);
        if (box->count)
            signal_fd(box);
    }
    int fd = box->fd;
    pthread_mutex_unlock(&box->lock);
    return fd;
}

void mailbox_fd_clear(struct mailbox *box)
{
    uint64_t count;
    while (read(box->fd, &count, sizeof(count)) < 0 && errno == EINTR)
        ;
}
