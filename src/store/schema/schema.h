/* schema.h -- the numbered migrations, embedded at build time from NNN-name.sql: SQLite's from
 * this folder, PostgreSQL's from postgres/, with the same numbers; one that only one of them
 * needs is missing in the other. A migration that was released is never changed: databases
 * remember its checksum. */
#ifndef CADRAN_STORE_SCHEMA_H
#define CADRAN_STORE_SCHEMA_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct schema_migration {
    int32_t number;   /* ascending */
    const char *name; /* "001-base" */
    const char *sql;
};

extern const struct schema_migration schema_migrations[];
extern const size_t schema_migration_count;
extern const struct schema_migration schema_postgres_migrations[];
extern const size_t schema_postgres_migration_count;

/* FNV-1a: against accidents, not attacks. */
int64_t schema_checksum(const char *text);
/* Compares one applied migration of the database `where` with the ones built in. */
enum status schema_history_check(const struct schema_migration *known, size_t known_count,
                                 const char *where, int64_t number, const char *name,
                                 int64_t checksum, struct error *err);

#endif
