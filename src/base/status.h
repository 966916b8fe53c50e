/* status.h -- how a function says that it could not do its work.
 *
 * Three kinds, three treatments (docs/conventions.md): a bug stops the process (ensure.h); an
 * outcome (busy, no answer) is data; a failure is an enum status, and struct error carries one
 * sentence for the person who must act, with the place in their input where there is one. */
#ifndef CADRAN_BASE_STATUS_H
#define CADRAN_BASE_STATUS_H

#include "base/compiler.h"

enum status {
    STATUS_OK,
    STATUS_INVALID,     /* the input is wrong; error.path and error.text say where and why */
    STATUS_NOT_FOUND,   /* no such thing */
    STATUS_CONFLICT,    /* it exists, is in use, or is in a state that forbids this */
    STATUS_STALE,       /* a newer version or epoch exists; read again */
    STATUS_DENIED,      /* the caller may not do this */
    STATUS_FULL,        /* a configured limit is reached; nothing was changed */
    STATUS_UNAVAILABLE, /* a peer, disk or database does not answer now; nothing was changed */
    STATUS_TIMEOUT,     /* no answer in time */
    STATUS_UNKNOWN,     /* a write that may or may not have happened: treat as happened */
};

/* Longest path and sentence kept; longer ones are cut. */
#define ERROR_PATH_MAX 128
#define ERROR_TEXT_MAX 320

struct error {
    enum status status;
    char path[ERROR_PATH_MAX]; /* "phoneColumns[0].columnName", "line 7, column 3", or "" */
    char text[ERROR_TEXT_MAX]; /* one sentence: the thing, the reason, the mend */
};

/* Fills *err (NULL is accepted) and returns `status`, so that a failure is one line. */
enum status error_set(struct error *err, enum status status, const char *path,
                      const char *format, ...) PRINTF_LIKE(4, 5);

/* Puts `prefix` and a dot before the path: called on the way out of a nested reader. */
void error_prefix(struct error *err, const char *prefix);

/* A fixed lower-case word for logs: "ok", "not_found", ... */
const char *status_name(enum status status);

#endif
