/* uri.h -- a request's target: decoded once, refused where two readers could differ.
 *
 * The raw target is split at `?` and only then decoded, once. Refused: a target that does not
 * start with `/`, a bad or truncated %XX, control characters, an encoded slash or backslash,
 * empty, `.` and `..` segments, text that is not UTF-8. So the decoded path is the one nginx
 * chose its location by, and no further reader will see another path in it. Pure; any thread.
 */
#ifndef CADRAN_HTTP_URI_H
#define CADRAN_HTTP_URI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/memory.h"
#include "base/status.h"

#define URI_RAW_MAX 8192
#define URI_PARAM_MAX 64
#define URI_SEGMENT_MAX 16

struct uri_param {
    const char *name, *value;
};

struct uri {
    const char *path; /* decoded */
    size_t segment_count;
    const char *segments[URI_SEGMENT_MAX];
    size_t param_count;
    struct uri_param params[URI_PARAM_MAX];
};

/* Texts live in `arena`. */
enum status uri_read(struct arena *arena, const char *raw, struct uri *uri,
                     struct error *err) MUST_USE;
/* name=value&name=value, as in a query or a form body; `+` is a space. Adds to uri->params. */
enum status uri_params_read(struct arena *arena, const char *text, size_t len, struct uri *uri,
                            struct error *err) MUST_USE;
/* The first value of that name; NULL where it is absent or empty (clients send `name=` for
 * "not given"). */
const char *uri_param(const struct uri *uri, const char *name);

#endif
