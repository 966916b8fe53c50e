#include "store/schema/schema.h"

#include <string.h>

int64_t schema_checksum(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return (int64_t)hash;
}

enum status schema_history_check(const struct schema_migration *known, size_t known_count,
                                 const char *where, int64_t number, const char *name,
                                 int64_t checksum, struct error *err)
{
    const struct schema_migration *same = NULL;
    for (size_t i = 0; i < known_count && !same; i++)
        if (known[i].number == number)
            same = &known[i];
    if (!same)
        return error_set(err, STATUS_INVALID, "",
                         "%s was written by a newer Cadran (migration %s; this one knows %zu): "
                         "use that version",
                         where, name, known_count);
    if (strcmp(same->name, name) != 0 || schema_checksum(same->sql) != checksum)
        return error_set(err, STATUS_INVALID, "",
                         "%s has migration %s applied in another form than %s of this program: "
                         "a released migration was altered; use the program that wrote it",
                         where, name, same->name);
    return STATUS_OK;
}
