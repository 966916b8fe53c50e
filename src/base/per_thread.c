#include "base/per_thread.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/ensure.h"
#include "base/memory.h"

struct holder {
    struct per_thread *set;
    void *value;
    struct holder *next, **link;
};

struct per_thread {
    pthread_mutex_t lock;
    pthread_key_t key;
    struct holder *holders;
    size_t count, limit;
    void *(*make)(void *context);
    void (*close)(void *context, void *value);
    void *context;
};

static void holder_unlink(struct holder *holder)
{
    *holder->link = holder->next;
    if (holder->next)
        holder->next->link = holder->link;
    holder->set->count--;
}

static void holder_end(void *ptr)
{
    struct holder *holder = ptr;
    struct per_thread *set = holder->set;
    pthread_mutex_lock(&set->lock);
    holder_unlink(holder);
    pthread_mutex_unlock(&set->lock);
    set->close(set->context, holder->value);
    free(holder);
}

struct per_thread *per_thread_create(size_t limit, void *(*make)(void *context),
                                     void (*close)(void *context, void *value), void *context)
{
    struct per_thread *set = memory_new(1, sizeof(*set));
    pthread_mutex_init(&set->lock, NULL);
    ensure(pthread_key_create(&set->key, holder_end) == 0);
    set->limit = limit;
    set->make = make;
    set->close = close;
    set->context = context;
    return set;
}

void per_thread_destroy(struct per_thread *set)
{
    if (!set)
        return;
    pthread_key_delete(set->key);
    while (set->holders) {
        struct holder *holder = set->holders;
        holder_unlink(holder);
        set->close(set->context, holder->value);
        free(holder);
    }
    pthread_mutex_destroy(&set->lock);
    free(set);
}

static bool holder_link(struct per_thread *set, struct holder *holder)
{
    pthread_mutex_lock(&set->lock);
    bool has_room = set->count < set->limit;
    if (has_room) {
        holder->next = set->holders;
        holder->link = &set->holders;
        if (holder->next)
            holder->next->link = &holder->next;
        set->holders = holder;
        set->count++;
    }
    pthread_mutex_unlock(&set->lock);
    return has_room;
}

void *per_thread_get(struct per_thread *set)
{
    struct holder *holder = pthread_getspecific(set->key);
    if (holder)
        return holder->value;
    void *value = set->make(set->context);
    if (!value)
        return NULL;
    holder = memory_new(1, sizeof(*holder));
    holder->set = set;
    holder->value = value;
    if (holder_link(set, holder) && pthread_setspecific(set->key, holder) == 0)
        return value;
    if (holder->link)
        holder_unlink(holder);
    set->close(set->context, value);
    free(holder);
    return NULL;
}
