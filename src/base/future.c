#include "base/future.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"

struct future {
    pthread_mutex_t lock;
    pthread_cond_t answered;
    int holds;
    bool is_answered;
    size_t size;
    _Alignas(max_align_t) unsigned char answer[];
};

struct future *future_create(size_t size)
{
    struct future *future = memory_new(1, sizeof(*future) + size);
    pthread_mutex_init(&future->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&future->answered, &attr);
    pthread_condattr_destroy(&attr);
    future->holds = 2;
    future->size = size;
    return future;
}

/* Called with the lock held; releases it. */
static void let_go(struct future *future)
{
    bool is_last = --future->holds == 0;
    pthread_mutex_unlock(&future->lock);
    if (!is_last)
        return;
    pthread_cond_destroy(&future->answered);
    pthread_mutex_destroy(&future->lock);
    free(future);
}

void future_answer(struct future *future, const void *answer)
{
    pthread_mutex_lock(&future->lock);
    memcpy(future->answer, answer, future->size);
    future->is_answered = true;
    pthread_cond_signal(&future->answered);
    let_go(future);
}

bool future_wait(struct future *future, void *answer, int timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += (timeout_ms % 1000) * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    pthread_mutex_lock(&future->lock);
    int waited = 0;
    while (!future->is_answered && waited != ETIMEDOUT) {
        if (timeout_ms < 0)
            waited = pthread_cond_wait(&future->answered, &future->lock);
        else
            waited = pthread_cond_timedwait(&future->answered, &future->lock, &until);
    }
    bool is_answered = future->is_answered;
    if (is_answered)
        memcpy(answer, future->answer, future->size);
    let_go(future);
    return is_answered;
}
