#include "store/import/side_file.h"

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

struct side_file {
    int fd; /* -1: nothing is kept */
    int64_t size;
    const char *header;
};

static enum status write_failed(const struct side_file *file, struct error *err)
{
    return error_set(err, STATUS_UNAVAILABLE, "",
                     "the file of %s cannot be written: is the disk full?",
                     strcmp(file->header, IDS_HEADER) == 0 ? "ids" : "refused rows");
}

static bool put(struct side_file *file, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t written = write(file->fd, bytes, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        len -= (size_t)written;
        file->size += written;
    }
    return true;
}

void side_file_cut(struct side_file *file, int64_t size)
{
    if (file->fd < 0 || file->size == size)
        return;
    /* What is no file (a device, a pipe) has no size to cut. */
    (void)!ftruncate(file->fd, size);
    file->size = size;
    (void)lseek(file->fd, size, SEEK_SET);
}

enum status side_file_open(const char *path, const char *header, int64_t size,
                           struct side_file **out, struct error *err)
{
    struct side_file *file = memory_new(1, sizeof(*file));
    *out = file;
    file->fd = -1;
    file->header = header;
    if (!path)
        return STATUS_OK;
    file->fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file->fd < 0)
        return error_set(err, STATUS_UNAVAILABLE, "", "%s cannot be written: %s", path,
                         strerror(errno));
    file->size = -1; /* not known */
    side_file_cut(file, size);
    return size > 0 || put(file, header, strlen(header)) ? STATUS_OK : write_failed(file, err);
}

int64_t side_file_size(const struct side_file *file)
{
    return file->size;
}

enum status side_file_append(struct side_file *file, const struct buffer *rows,
                             struct error *err)
{
    if (file->fd >= 0 && rows->len > 0 && !put(file, rows->data, rows->len))
        return write_failed(file, err);
    return STATUS_OK;
}

enum status side_file_close(struct side_file *file, struct error *err)
{
    if (!file)
        return STATUS_OK;
    bool failed = file->fd >= 0 && close(file->fd) != 0;
    enum status status = failed ? write_failed(file, err) : STATUS_OK;
    free(file);
    return status;
}

/* `prefix`: what is put before the text, "" for nothing. */
static void quoted(struct buffer *rows, const char *prefix, const char *text, size_t len)
{
    buffer_append(rows, "\"", 1);
    buffer_text(rows, prefix);
    for (size_t i = 0; i < len && i < VALUE_KEPT; i++) {
        if (text[i] == '"')
            buffer_append(rows, "\"", 1);
        if (text[i])
            buffer_append(rows, &text[i], 1);
    }
    buffer_append(rows, "\"", 1);
}

/* A spreadsheet must not run what a stranger's file says. */
static const char *guard(const char *text, size_t len)
{
    return len && strchr("=+-@\t\r", text[0]) ? "'" : "";
}

void refused_row(struct buffer *rows, int64_t line, const char *column, const char *reason,
                 const char *value, size_t value_len)
{
    buffer_format(rows, "%" PRId64 ",", line);
    quoted(rows, guard(column, strlen(column)), column, strlen(column));
    buffer_append(rows, ",", 1);
    quoted(rows, "", reason, strlen(reason));
    buffer_append(rows, ",", 1);
    quoted(rows, guard(value, value_len), value, value_len);
    buffer_append(rows, "\r\n", 2);
}

void ids_row(struct buffer *rows, int64_t line, const char *id)
{
    buffer_format(rows, "%" PRId64 ",", line);
    quoted(rows, "", id, strlen(id));
    buffer_append(rows, "\r\n", 2);
}
