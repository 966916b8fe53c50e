#include "store/import/refused.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

#define VALUE_KEPT 2000 /* bytes of a value that are shown */

struct refused {
    int fd; /* -1: nothing is kept */
    int64_t size;
};

static enum status write_failed(struct error *err)
{
    return error_set(err, STATUS_UNAVAILABLE, "",
                     "the file of refused rows cannot be written: is the disk full?");
}

static bool put(struct refused *refused, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t written = write(refused->fd, bytes, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        len -= (size_t)written;
        refused->size += written;
    }
    return true;
}

enum status refused_open(const char *path, int64_t size, struct refused **out,
                         struct error *err)
{
    static const char header[] = "line,column,reason,value\r\n";
    struct refused *refused = memory_new(1, sizeof(*refused));
    *out = refused;
    refused->fd = -1;
    if (!path)
        return STATUS_OK;
    refused->fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (refused->fd < 0)
        return error_set(err, STATUS_UNAVAILABLE, "", "%s cannot be written: %s", path,
                         strerror(errno));
    /* What is no file (a device, a pipe) has no size to cut. */
    (void)!ftruncate(refused->fd, size);
    refused->size = size;
    (void)lseek(refused->fd, size, SEEK_SET);
    return size > 0 || put(refused, header, sizeof(header) - 1) ? STATUS_OK : write_failed(err);
}

static void quoted(struct buffer *rows, const char *text, size_t len)
{
    buffer_append(rows, "\"", 1);
    /* A spreadsheet must not run what a stranger's file says. */
    if (len && strchr("=+-@\t\r", text[0]))
        buffer_append(rows, "'", 1);
    for (size_t i = 0; i < len && i < VALUE_KEPT; i++) {
        if (text[i] == '"')
            buffer_append(rows, "\"", 1);
        if (text[i])
            buffer_append(rows, &text[i], 1);
    }
    buffer_append(rows, "\"", 1);
}

void refused_row(struct buffer *rows, int64_t line, const char *column, const char *reason,
                 const char *value, size_t value_len)
{
    buffer_format(rows, "%" PRId64 ",", line);
    quoted(rows, column, strlen(column));
    buffer_append(rows, ",", 1);
    quoted(rows, reason, strlen(reason));
    buffer_append(rows, ",", 1);
    quoted(rows, value, value_len);
    buffer_append(rows, "\r\n", 2);
}

enum status refused_write(struct refused *refused, const struct buffer *rows, int64_t *size,
                          struct error *err)
{
    if (refused->fd >= 0 && rows->len > 0 && !put(refused, rows->data, rows->len))
        return write_failed(err);
    *size = refused->size;
    return STATUS_OK;
}

enum status refused_close(struct refused *refused, struct error *err)
{
    if (!refused)
        return STATUS_OK;
    bool failed = refused->fd >= 0 && close(refused->fd) != 0;
    free(refused);
    return failed ? write_failed(err) : STATUS_OK;
}
