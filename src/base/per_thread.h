/* per_thread.h -- one value for each thread that asks, made at its first call.
 * The value is closed when its thread ends or the set is destroyed, whichever comes first; at
 * most `limit` values are open at once. Any thread; destroyed by its owner after all users
 * stopped asking. */
#ifndef CADRAN_BASE_PER_THREAD_H
#define CADRAN_BASE_PER_THREAD_H

#include <stddef.h>

struct per_thread;

/* `make` gives the value or NULL where it cannot; `close` ends one. Both get `context`. */
struct per_thread *per_thread_create(size_t limit, void *(*make)(void *context),
                                     void (*close)(void *context, void *value), void *context);
void per_thread_destroy(struct per_thread *set);
/* The calling thread's value; NULL where the limit is reached or it cannot be made. */
void *per_thread_get(struct per_thread *set);

#endif
