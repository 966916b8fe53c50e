/* postgres.h -- the store's port over a PostgreSQL database.
 *
 * Reads go over a connection per calling thread, at most POSTGRES_READER_MAX of them, each read
 * in one snapshot. Writes go over three connections: the dialer's, the API's, bulk's; so the
 * dialer waits for others' row locks at most. Dialer and API writes are synced before they
 * return; bulk writes are durable at the latest with the next of those. Locks on rows are taken
 * in one order everywhere: list, queue_build, contact_state, queue_lane.
 *
 * STATUS_UNAVAILABLE: the server is gone, full or refuses; nothing was changed. The next call
 * connects again. STATUS_UNKNOWN: the answer to a commit was lost.
 *
 * The server is PostgreSQL 14 or newer with a database in UTF-8 that is Cadran's alone, or a
 * schema of its own in it (search_path). Figures and reasons: docs/decisions/postgres.md. */
#ifndef CADRAN_STORE_POSTGRES_H
#define CADRAN_STORE_POSTGRES_H

#include "port/store.h"

#define POSTGRES_READER_MAX 64
#define POSTGRES_VERSION_MIN 140000 /* as libpq counts: 14.0 */

/* "postgres://..." or "postgresql://...". */
bool store_postgres_is_url(const char *url);
/* Whether the URL can be read and names a database; connects to nothing. */
enum status store_postgres_url_check(const char *url, struct error *err);
/* Connects and brings the schema up to date, under a lock. Refuses a URL that cannot be read, a
 * server too old, a database that is not there or is another program's or a newer version's.
 * No sentence ever shows the URL's password. */
enum status store_postgres_open(const char *url, struct store_port *out, struct error *err);
/* Looks at the database of the URL and changes nothing; `about` says what it found, for people:
 * "PostgreSQL 15.18, its schema is this version's". Fails as an open would. */
enum status store_postgres_check(const char *url, char about[128], struct error *err);

#endif
