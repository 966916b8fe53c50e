#include "world/zone_load.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

#define ZONE_FILE_MAX (256 * 1024)
#define ZONE_DEPTH_MAX 3 /* America/Argentina/Buenos_Aires */
#define PATH_SIZE 512

struct loading {
    struct zone *zones;
    size_t count, capacity;
};

/* Files and folders of tzdata that are no zones of their own. */
static bool is_passed_over(const char *name)
{
    static const char *const names[] = {"posix", "right", "localtime", "posixrules", "Factory"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return name[0] == '.';
}

static enum status file_read(const char *path, unsigned char *bytes, size_t *len,
                             struct error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_set(err, STATUS_UNAVAILABLE, path, "cannot be read: %s", strerror(errno));
    *len = 0;
    ssize_t got = 1;
    while (got > 0 && *len < ZONE_FILE_MAX) {
        got = read(fd, bytes + *len, ZONE_FILE_MAX - *len);
        *len += got > 0 ? (size_t)got : 0;
    }
    close(fd);
    return got < 0 ? error_set(err, STATUS_UNAVAILABLE, path, "cannot be read") : STATUS_OK;
}

static enum status file_load(struct loading *loading, const char *path, const char *name,
                             struct error *err)
{
    static const size_t magic = 4;
    unsigned char *bytes = memory_new(ZONE_FILE_MAX, 1);
    size_t len = 0;
    enum status status = file_read(path, bytes, &len, err);
    bool is_zone = !status && len > magic && memcmp(bytes, "TZif", magic) == 0;
    if (is_zone && (strlen(name) >= ZONE_NAME_SIZE || loading->count >= ZONE_COUNT_MAX)) {
        status =
            error_set(err, STATUS_FULL, path, "more zones, or longer names, than are kept");
        is_zone = false;
    }
    if (is_zone) {
        struct zone zone = {0};
        memcpy(zone.name, name, strlen(name)); /* shorter than it: checked above */
        status = zone_read(bytes, len, &zone, err);
        if (status) {
            error_prefix(err, path);
        } else {
            loading->zones = memory_grow(loading->zones, &loading->capacity, loading->count + 1,
                                         sizeof(zone));
            loading->zones[loading->count++] = zone;
        }
    }
    free(bytes);
    return status;
}

static enum status folder_load(struct loading *loading, const char *folder, const char *prefix,
                               int depth, struct error *err)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return error_set(err, STATUS_NOT_FOUND, folder,
                         "the time zones are missing: install the package tzdata");
    enum status status = STATUS_OK;
    const struct dirent *entry;
    while (!status && (entry = readdir(dir))) {
        char path[PATH_SIZE], name[PATH_SIZE];
        if (is_passed_over(entry->d_name))
            continue;
        struct stat info;
        int path_len = snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        int name_len = snprintf(name, sizeof(name), "%s%s", prefix, entry->d_name);
        if (path_len >= PATH_SIZE || name_len >= PATH_SIZE - 1 || stat(path, &info) != 0)
            continue;
        if (S_ISREG(info.st_mode)) {
            status = file_load(loading, path, name, err);
        } else if (S_ISDIR(info.st_mode) && depth < ZONE_DEPTH_MAX) {
            snprintf(name + name_len, sizeof(name) - (size_t)name_len, "/");
            status = folder_load(loading, path, name, depth + 1, err);
        }
    }
    closedir(dir);
    return status;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct zone *)a)->name, ((const struct zone *)b)->name);
}

enum status zone_load(const char *folder, struct zone_table *table, struct error *err)
{
    struct loading loading = {0};
    enum status status = folder_load(&loading, folder ? folder : ZONE_FOLDER, "", 1, err);
    if (!status && !loading.count)
        status = error_set(err, STATUS_NOT_FOUND, folder,
                           "the time zones are missing: install the package tzdata");
    if (loading.count)
        qsort(loading.zones, loading.count, sizeof(*loading.zones), compare);
    *table = (struct zone_table){loading.zones, loading.count};
    if (status)
        zone_unload(table);
    return status;
}

void zone_unload(struct zone_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        free((void *)(uintptr_t)table->zones[i].changes);
    free((void *)(uintptr_t)table->zones);
    *table = (struct zone_table){0};
}
