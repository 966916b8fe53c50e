#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"

#define ARENA_BLOCK_MIN ((size_t)4096)

struct arena_block {
    struct arena_block *next;
    _Alignas(max_align_t) unsigned char bytes[];
};

static _Noreturn void memory_exhausted(void)
{
    fputs("cadran: out of memory\n", stderr);
    abort();
}

void *memory_new(size_t count, size_t size)
{
    void *ptr = calloc(count ? count : 1, size ? size : 1);
    if (!ptr)
        memory_exhausted();
    return ptr;
}

void *memory_resize(void *ptr, size_t count, size_t size)
{
    size_t bytes;
    ensure(!__builtin_mul_overflow(count, size, &bytes));
    void *moved = realloc(ptr, bytes ? bytes : 1);
    if (!moved)
        memory_exhausted();
    return moved;
}

char *memory_text(const char *text, size_t len)
{
    char *copy = memory_new(len + 1, 1);
    if (len)
        memcpy(copy, text, len);
    return copy;
}

void *memory_grow(void *items, size_t *capacity, size_t need, size_t size)
{
    if (need <= *capacity)
        return items;
    size_t grown = *capacity ? *capacity * 2 : 8;
    if (grown < need)
        grown = need;
    *capacity = grown;
    return memory_resize(items, grown, size);
}

void arena_init(struct arena *arena)
{
    memset(arena, 0, sizeof(*arena));
}

void arena_fini(struct arena *arena)
{
    struct arena_block *block = arena->blocks;
    while (block) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
    arena_init(arena);
}

void *arena_new(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    ensure(!__builtin_mul_overflow(count, size, &bytes));
    bytes = (bytes + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
    if (!arena->blocks || arena->size - arena->used < bytes) {
        size_t block_size = arena->size ? arena->size * 2 : ARENA_BLOCK_MIN;
        if (block_size > (size_t)1 << 20)
            block_size = (size_t)1 << 20;
        if (block_size < bytes)
            block_size = bytes;
        struct arena_block *block = memory_new(1, sizeof(*block) + block_size);
        block->next = arena->blocks;
        arena->blocks = block;
        arena->size = block_size;
        arena->used = 0;
    }
    void *ptr = arena->blocks->bytes + arena->used;
    arena->used += bytes;
    arena->total += bytes;
    return ptr;
}

char *arena_text(struct arena *arena, const char *text, size_t len)
{
    char *copy = arena_new(arena, len + 1, 1);
    if (len)
        memcpy(copy, text, len);
    return copy;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    ensure(len >= 0);
    char *text = arena_new(arena, (size_t)len + 1, 1);
    vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text;
}
