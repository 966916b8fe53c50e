#include "store/import/refused.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define VALUE_KEPT 2000 /* bytes of a value that are shown */

struct refused {
    FILE *file; /* locked by stdio */
};

enum status refused_open(const char *path, struct refused **out, struct error *err)
{
    struct refused *refused = memory_new(1, sizeof(*refused));
    *out = refused;
    if (!path)
        return STATUS_OK;
    refused->file = fopen(path, "we");
    if (!refused->file)
        return error_set(err, STATUS_UNAVAILABLE, "", "%s cannot be written: %s", path,
                         strerror(errno));
    fputs("line,column,reason,value\r\n", refused->file);
    return STATUS_OK;
}

static void put_quoted(FILE *file, const char *text, size_t len)
{
    putc_unlocked('"', file);
    /* A spreadsheet must not run what a stranger's file says. */
    if (len && strchr("=+-@\t\r", text[0]))
        putc_unlocked('\'', file);
    for (size_t i = 0; i < len && i < VALUE_KEPT; i++) {
        if (text[i] == '"')
            putc_unlocked('"', file);
        if (text[i])
            putc_unlocked(text[i], file);
    }
    putc_unlocked('"', file);
}

void refused_add(struct refused *refused, int64_t line, const char *column, const char *reason,
                 const char *value, size_t value_len)
{
    if (!refused->file)
        return;
    flockfile(refused->file);
    fprintf(refused->file, "%" PRId64 ",", line);
    put_quoted(refused->file, column, strlen(column));
    putc_unlocked(',', refused->file);
    put_quoted(refused->file, reason, strlen(reason));
    putc_unlocked(',', refused->file);
    put_quoted(refused->file, value, value_len);
    fputs("\r\n", refused->file);
    funlockfile(refused->file);
}

enum status refused_close(struct refused *refused, struct error *err)
{
    if (!refused)
        return STATUS_OK;
    bool failed = false;
    if (refused->file) {
        failed = ferror(refused->file) != 0;
        failed = fclose(refused->file) != 0 || failed;
    }
    free(refused);
    return failed ? error_set(err, STATUS_UNAVAILABLE, "",
                              "the file of refused rows cannot be written: is the disk full?")
                  : STATUS_OK;
}
