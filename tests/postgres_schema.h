/* postgres_schema.h -- a fresh, empty schema in the database of tests/with_postgres.py. */
#ifndef CADRAN_TESTS_POSTGRES_SCHEMA_H
#define CADRAN_TESTS_POSTGRES_SCHEMA_H

/* Makes one; the URL of it, until the next is made. Ends the program where there is no server.
 */
const char *postgres_schema_make(void);
/* Removes the last one that was made. */
void postgres_schema_drop(void);
/* What an administrator does beside the store: one statement. */
void postgres_sql(const char *sql);

#endif
