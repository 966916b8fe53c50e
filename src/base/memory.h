/* memory.h -- allocation that never returns NULL, and an arena.
 *
 * Running out of memory is not survivable in a dialer that promises intents before calls: the
 * process stops and its supervisor starts it again from the store. What a peer can grow is
 * bounded before it is allocated, so a peer cannot cause that stop.
 *
 * An arena is memory for one request or event: many allocations, one release. Not for threads
 * to share. */
#ifndef CADRAN_BASE_MEMORY_H
#define CADRAN_BASE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* Zeroed memory for `count` items of `size`; the caller frees it with free(). */
void *memory_new(size_t count, size_t size);
/* Like realloc, and stops the process instead of failing. New bytes are not zeroed. */
void *memory_resize(void *ptr, size_t count, size_t size);
/* A copy of `text` up to `len` bytes, terminated. The caller frees it. */
char *memory_text(const char *text, size_t len);

/* Makes room for `need` items of `size` in a growing array: returns the (moved) array and keeps
 * *capacity. Doubles, so that appending is O(1) on average. */
void *memory_grow(void *items, size_t *capacity, size_t need, size_t size);

struct arena_block;
struct arena {
    struct arena_block *blocks;
    size_t used; /* in the newest block */
    size_t size; /* of the newest block */
    size_t total;
};

void arena_init(struct arena *arena);
/* Frees everything that came from it; the arena is as after arena_init. */
void arena_fini(struct arena *arena);
/* Zeroed, aligned for any type, alive until arena_fini. */
void *arena_new(struct arena *arena, size_t count, size_t size);
char *arena_text(struct arena *arena, const char *text, size_t len);
char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
