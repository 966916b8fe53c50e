#include "app/database.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "store/postgres/postgres.h"
#include "store/sqlite/sqlite.h"

enum status database_directory(const char *path, char *real, int *lock_fd, struct error *err)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return error_set(err, STATUS_UNAVAILABLE, path, "the data directory cannot be made: %s",
                         strerror(errno));
    if (!realpath(path, real))
        return error_set(err, STATUS_UNAVAILABLE, path, "the data directory cannot be used: %s",
                         strerror(errno));
    if (chmod(real, 0700) != 0)
        return error_set(err, STATUS_DENIED, path,
                         "the data directory belongs to another user");
    char lock[PATH_MAX + 16];
    snprintf(lock, sizeof(lock), "%s/lock", real);
    *lock_fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*lock_fd < 0 || flock(*lock_fd, LOCK_EX | LOCK_NB) != 0)
        return error_set(
            err, STATUS_CONFLICT, path,
            "another cadran uses this data directory; stop it, or give --data another");
    return STATUS_OK;
}

enum status database_option_check(const char *database, struct error *err)
{
    return database[0] ? store_postgres_url_check(database, err) : STATUS_OK;
}

enum status database_open(const char *database, const char *data, struct store_port *store,
                          struct error *err)
{
    char path[4096];
    if (!database[0]) {
        snprintf(path, sizeof(path), "%s/" DATABASE_FILE, data);
        return store_sqlite_open(path, store, err);
    }
    return store_postgres_open(database, store, err);
}

enum status database_check(const char *database, char about[128], struct error *err)
{
    return store_postgres_check(database, about, err);
}
