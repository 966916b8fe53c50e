/* The suite over PostgreSQL: each test has a schema of its own. */
#include "store/postgres/postgres.h"

#include "postgres_schema.h"
#include "suite.h"

static const char *url;

static void open_at(struct store_port *out)
{
    struct error err;
    assert_ok(store_postgres_open(url, out, &err), &err, __FILE__, __LINE__);
}

static void postgres_create(struct store_port *out)
{
    url = postgres_schema_make();
    open_at(out);
}

static void postgres_close(struct store_port *store)
{
    store->ops->destroy(store->self);
}

static void postgres_destroy(struct store_port *store)
{
    store->ops->destroy(store->self);
    postgres_schema_drop();
}

const struct store_factory factory = {"store contract: PostgreSQL", postgres_create,
                                      postgres_close, open_at, postgres_destroy};
