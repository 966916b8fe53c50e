#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum status error_set(struct error *err, enum status status, const char *path,
                      const char *format, ...)
{
    if (!err)
        return status;
    err->status = status;
    snprintf(err->path, sizeof(err->path), "%s", path ? path : "");
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
    return status;
}

void error_prefix(struct error *err, const char *prefix)
{
    if (!err)
        return;
    char joined[ERROR_PATH_MAX];
    const char *dot = err->path[0] && err->path[0] != '[' ? "." : "";
    snprintf(joined, sizeof(joined), "%s%s%.*s", prefix, dot, ERROR_PATH_MAX - 2, err->path);
    memcpy(err->path, joined, sizeof(joined));
}

const char *status_name(enum status status)
{
    switch (status) {
    case STATUS_OK: return "ok";
    case STATUS_INVALID: return "invalid";
    case STATUS_NOT_FOUND: return "not_found";
    case STATUS_CONFLICT: return "conflict";
    case STATUS_STALE: return "stale";
    case STATUS_DENIED: return "denied";
    case STATUS_FULL: return "full";
    case STATUS_UNAVAILABLE: return "unavailable";
    case STATUS_TIMEOUT: return "timeout";
    case STATUS_UNKNOWN: return "unknown";
    }
    return "?";
}
