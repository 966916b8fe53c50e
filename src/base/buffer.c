#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ensure.h"
#include "base/memory.h"

void buffer_init(struct buffer *buf, size_t limit)
{
    memset(buf, 0, sizeof(*buf));
    buf->limit = limit;
}

void buffer_fini(struct buffer *buf)
{
    free(buf->data);
    buffer_init(buf, buf->limit);
}

void buffer_clear(struct buffer *buf)
{
    buf->len = 0;
    buf->is_full = false;
    if (buf->data)
        buf->data[0] = '\0';
}

void buffer_append(struct buffer *buf, const void *bytes, size_t len)
{
    if (buf->is_full || len > buf->limit - buf->len) {
        buf->is_full = true;
        return;
    }
    buf->data = memory_grow(buf->data, &buf->capacity, buf->len + len + 1, 1);
    if (len)
        memcpy(buf->data + buf->len, bytes, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void buffer_text(struct buffer *buf, const char *text)
{
    buffer_append(buf, text, strlen(text));
}

void buffer_format(struct buffer *buf, const char *format, ...)
{
    char small[256];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(small, sizeof(small), format, args);
    va_end(args);
    ensure(len >= 0);
    if ((size_t)len < sizeof(small)) {
        buffer_append(buf, small, (size_t)len);
    } else {
        char *large = memory_new((size_t)len + 1, 1);
        vsnprintf(large, (size_t)len + 1, format, again);
        buffer_append(buf, large, (size_t)len);
        free(large);
    }
    va_end(again);
}

void buffer_consume(struct buffer *buf, size_t len)
{
    ensure(len <= buf->len);
    if (!len)
        return;
    memmove(buf->data, buf->data + len, buf->len - len);
    buf->len -= len;
    buf->data[buf->len] = '\0';
}

char *buffer_take(struct buffer *buf)
{
    char *data = buf->data ? buf->data : memory_text("", 0);
    size_t limit = buf->limit;
    buffer_init(buf, limit);
    return data;
}
