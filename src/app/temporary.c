#include "app/temporary.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPEN_FOLDERS 16

enum status temporary_make(char *path, size_t size, struct error *err)
{
    const char *parent = getenv("TMPDIR");
    snprintf(path, size, "%.200s/cadran-demo-XXXXXX", parent && *parent ? parent : "/tmp");
    if (!mkdtemp(path))
        return error_set(err, STATUS_UNAVAILABLE, path, "a temporary folder cannot be made: %s",
                         strerror(errno));
    return STATUS_OK;
}

static int remove_one(const char *path, const struct stat *about, int type, struct FTW *walk)
{
    (void)about;
    (void)type;
    (void)walk;
    return remove(path) == 0 ? 0 : -1;
}

void temporary_remove(const char *path)
{
    if (nftw(path, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS) != 0)
        fprintf(stderr, "cadran: %s could not be removed whole\n", path);
}
