#include "postgres_schema.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int schema_number;

static const char *database(void)
{
    const char *url = getenv("CADRAN_TEST_DATABASE");
    if (!url) {
        fputs("run it by tests/with_postgres.py\n", stderr);
        exit(1);
    }
    return url;
}

void postgres_sql(const char *sql)
{
    PGconn *link = PQconnectdb(database());
    for (int i = 0; PQstatus(link) != CONNECTION_OK && i < 1000; i++) {
        usleep(20000); /* a test may have killed the server */
        PQreset(link);
    }
    PQclear(PQexec(link, "SET client_min_messages=warning"));
    PGresult *result = PQexec(link, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        fprintf(stderr, "%s: %s\n", sql, PQerrorMessage(link));
        exit(1);
    }
    PQclear(result);
    PQfinish(link);
}

const char *postgres_schema_make(void)
{
    static char url[512];
    char sql[64];
    snprintf(sql, sizeof(sql), "CREATE SCHEMA t%d", ++schema_number);
    postgres_sql(sql);
    snprintf(url, sizeof(url), "%s&options=-csearch_path%%3Dt%d", database(), schema_number);
    return url;
}

void postgres_schema_drop(void)
{
    char sql[64];
    snprintf(sql, sizeof(sql), "DROP SCHEMA t%d CASCADE", schema_number);
    postgres_sql(sql);
}
