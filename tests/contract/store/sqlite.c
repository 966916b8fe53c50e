#include "store/sqlite/sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "suite.h"

static char folder[64], path[96];

static void open_at(struct store_port *out)
{
    struct error err;
    assert_ok(store_sqlite_open(path, out, &err), &err, __FILE__, __LINE__);
}

static void sqlite_create(struct store_port *out)
{
    snprintf(folder, sizeof(folder), "/tmp/cadran-store-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/cadran.db", folder);
    open_at(out);
}

static void sqlite_close(struct store_port *store)
{
    store->ops->destroy(store->self);
}

static void sqlite_destroy(struct store_port *store)
{
    store->ops->destroy(store->self);
    static const char *const tails[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
        char name[128];
        snprintf(name, sizeof(name), "%s%s", path, tails[i]);
        unlink(name);
    }
    rmdir(folder);
}

const struct store_factory factory = {"store contract: SQLite", sqlite_create, sqlite_close,
                                      open_at, sqlite_destroy};
