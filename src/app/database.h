/* database.h -- opens the store that the options name: the only place that knows back ends. */
#ifndef CADRAN_APP_DATABASE_H
#define CADRAN_APP_DATABASE_H

#include "port/store.h"

#define DATABASE_FILE "cadran.db" /* in the data directory */

/* Makes the data directory where there is none, and takes its lock: one process uses it. `real`
 * has room for PATH_MAX bytes. */
enum status database_directory(const char *path, char *real, int *lock_fd,
                               struct error *err) MUST_USE;
/* STATUS_INVALID where `database` is neither "" nor a URL that can be read. */
enum status database_option_check(const char *database, struct error *err) MUST_USE;
/* `database` is a postgres:// URL; "" = the embedded database in the directory `data`. */
enum status database_open(const char *database, const char *data, struct store_port *store,
                          struct error *err) MUST_USE;
/* Looks and changes nothing; `about` says what was found. */
enum status database_check(const char *database, char about[128], struct error *err) MUST_USE;

#endif
