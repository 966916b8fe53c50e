#include "store/export/csv_out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

struct csv_out {
    FILE *file;
    bool is_begun; /* the row has a value already */
};

static enum status failed(struct error *err, const char *path)
{
    return error_set(err, STATUS_UNAVAILABLE, "", "%s cannot be written: %s", path,
                     strerror(errno));
}

enum status csv_out_resume(const char *path, int64_t size, struct csv_out **result,
                           struct error *err)
{
    *result = NULL;
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return failed(err, path);
    FILE *file =
        ftruncate(fd, size) == 0 && lseek(fd, size, SEEK_SET) == size ? fdopen(fd, "w") : NULL;
    if (!file) {
        enum status status = failed(err, path);
        close(fd);
        return status;
    }
    setvbuf(file, NULL, _IOFBF, 1 << 16);
    struct csv_out *out = memory_new(1, sizeof(*out));
    out->file = file;
    *result = out;
    return STATUS_OK;
}

enum status csv_out_open(const char *path, struct csv_out **out, struct error *err)
{
    return csv_out_resume(path, 0, out, err);
}

void csv_out_value(struct csv_out *out, const char *value, size_t len)
{
    bool is_quoted = false;
    if (out->is_begun)
        putc_unlocked(',', out->file);
    out->is_begun = true;
    for (size_t i = 0; i < len && !is_quoted; i++)
        is_quoted = value[i] == ',' || value[i] == '"' || value[i] == '\n' || value[i] == '\r';
    if (!is_quoted) {
        fwrite_unlocked(value, 1, len, out->file);
        return;
    }
    putc_unlocked('"', out->file);
    for (size_t i = 0; i < len; i++) {
        if (value[i] == '"')
            putc_unlocked('"', out->file);
        putc_unlocked(value[i], out->file);
    }
    putc_unlocked('"', out->file);
}

void csv_out_text(struct csv_out *out, const char *text)
{
    csv_out_value(out, text, strlen(text));
}

void csv_out_flag(struct csv_out *out, bool is_set)
{
    csv_out_value(out, is_set ? "1" : "0", 1);
}

void csv_out_end_row(struct csv_out *out)
{
    fwrite_unlocked("\r\n", 1, 2, out->file);
    out->is_begun = false;
}

enum status csv_out_sync(struct csv_out *out, int64_t *size, struct error *err)
{
    if (fflush(out->file) != 0 || ferror(out->file) || fdatasync(fileno(out->file)) != 0)
        return error_set(err, STATUS_UNAVAILABLE, "",
                         "the file cannot be written: is the disk full?");
    *size = (int64_t)ftello(out->file);
    return STATUS_OK;
}

bool csv_out_has_failed(const struct csv_out *out)
{
    return ferror(out->file) != 0;
}

enum status csv_out_close(struct csv_out *out, struct error *err)
{
    int64_t size = 0;
    if (!out)
        return STATUS_OK;
    enum status status = csv_out_sync(out, &size, err);
    if (fclose(out->file) != 0 && status == STATUS_OK)
        status = error_set(err, STATUS_UNAVAILABLE, "",
                           "the file cannot be written: is the disk full?");
    free(out);
    return status;
}
