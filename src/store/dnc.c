#include "store/dnc.h"

#include <stdio.h>
#include <string.h>

enum status dnc_values_check(const char *const *values, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(values[i]);
        char path[32];
        snprintf(path, sizeof(path), "[%zu]", i);
        if (len < 1 || len > DNC_VALUE_MAX)
            return error_set(err, STATUS_INVALID, path, "must have from 1 to %d bytes",
                             DNC_VALUE_MAX);
    }
    return STATUS_OK;
}
