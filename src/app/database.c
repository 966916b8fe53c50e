#include "app/database.h"

#include <stdio.h>

#include "store/postgres/postgres.h"
#include "store/sqlite/sqlite.h"

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
