/* schema.h -- the numbered migrations, embedded at build time from NNN-name.sql.
 * A migration that was released is never changed: databases remember its checksum. */
#ifndef CADRAN_STORE_SCHEMA_H
#define CADRAN_STORE_SCHEMA_H

#include <stddef.h>
#include <stdint.h>

struct schema_migration {
    int32_t number;   /* ascending */
    const char *name; /* "001-base" */
    const char *sql;
};

extern const struct schema_migration schema_migrations[];
extern const size_t schema_migration_count;

#endif
