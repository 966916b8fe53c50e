/* buffer.h -- bytes that grow up to a limit.
 * Reaching the limit sets is_full and drops the rest: the writer checks once, at the end. */
#ifndef CADRAN_BASE_BUFFER_H
#define CADRAN_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct buffer {
    char *data; /* NUL-terminated after the first append; NULL before */
    size_t len;
    size_t capacity;
    size_t limit; /* bytes, not counting the terminator */
    bool is_full; /* something was dropped */
};

void buffer_init(struct buffer *buf, size_t limit);
void buffer_fini(struct buffer *buf);
/* Empties it and keeps its memory. */
void buffer_clear(struct buffer *buf);
void buffer_append(struct buffer *buf, const void *bytes, size_t len);
void buffer_text(struct buffer *buf, const char *text);
void buffer_format(struct buffer *buf, const char *format, ...) PRINTF_LIKE(2, 3);
/* Removes the first `len` bytes. */
void buffer_consume(struct buffer *buf, size_t len);
/* The bytes, terminated, owned by the caller (free); the buffer is empty after. */
char *buffer_take(struct buffer *buf);

#endif
