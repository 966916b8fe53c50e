/* The suite over PostgreSQL. Each test has a schema of its own in the database that
 * tests/with_postgres.py started. */
#include "store/postgres/postgres.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#include "suite.h"

static char url[512];
static int schema_number;

/* A session beside the store's, for what only an administrator does. */
static void run_sql(const char *sql)
{
    PGconn *link = PQconnectdb(getenv("CADRAN_TEST_DATABASE"));
    PQclear(PQexec(link, "SET client_min_messages=warning"));
    PGresult *result = PQexec(link, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        print_error("%s: %s\n", sql, PQerrorMessage(link));
    assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
    PQclear(result);
    PQfinish(link);
}

static void open_at(struct store_port *out)
{
    struct error err;
    assert_ok(store_postgres_open(url, out, &err), &err, __FILE__, __LINE__);
}

static void postgres_create(struct store_port *out)
{
    char sql[64];
    assert_non_null(getenv("CADRAN_TEST_DATABASE"));
    snprintf(sql, sizeof(sql), "CREATE SCHEMA t%d", ++schema_number);
    run_sql(sql);
    snprintf(url, sizeof(url), "%s&options=-csearch_path%%3Dt%d",
             getenv("CADRAN_TEST_DATABASE"), schema_number);
    open_at(out);
}

static void postgres_close(struct store_port *store)
{
    store->ops->destroy(store->self);
}

static void postgres_destroy(struct store_port *store)
{
    char sql[64];
    store->ops->destroy(store->self);
    snprintf(sql, sizeof(sql), "DROP SCHEMA t%d CASCADE", schema_number);
    run_sql(sql);
}

const struct store_factory factory = {"store contract: PostgreSQL", postgres_create,
                                      postgres_close, open_at, postgres_destroy};
