/* target.h -- the parsed URL of a database and the settings of every session on it. */
#ifndef CADRAN_STORE_POSTGRES_TARGET_H
#define CADRAN_STORE_POSTGRES_TARGET_H

#include <libpq-fe.h>
#include <stdbool.h>

#define PG_KEYWORD_MAX 64
struct pg_target {
    PQconninfoOption *parsed; /* owns the texts below */
    const char *keywords[PG_KEYWORD_MAX], *values[PG_KEYWORD_MAX];
    int count;
    char options[2][2048]; /* of a durable session, of a bulk one */
    char name[256];
};

/* A connection, made or failed; the caller finishes it. */
PGconn *pg_target_connect(const struct pg_target *target, bool is_bulk);

#endif
