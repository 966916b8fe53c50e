/* sqlite.h -- the store's port over one SQLite file.
 *
 * One file, 4 KB pages, WAL. Every write passes one lane (base/lane.h): the dialer, then the
 * API, then bulk work, which gives the lane back after a few milliseconds. Dialer and API
 * writes are synced before they return (synchronous=FULL); bulk writes are durable at the
 * latest with the next of those, or when numbers_index returns. A checkpointer thread folds the
 * log back and holds back bulk work only. Each calling thread reads on a connection of its own,
 * at most SQLITE_READER_MAX of them.
 *
 * STATUS_UNAVAILABLE: the disk is full, fails or is locked by another program; nothing was
 * changed, and what was stored stays. STATUS_UNKNOWN: the sync of a commit failed. */
#ifndef CADRAN_STORE_SQLITE_H
#define CADRAN_STORE_SQLITE_H

#include "port/store.h"

#define SQLITE_READER_MAX 64

/* Opens or creates the database at `path` and brings its schema up to date, under a lock.
 * Refuses a file that is no database of ours, one of a newer version, and one whose applied
 * migrations differ from the ones built in. */
enum status store_sqlite_open(const char *path, struct store_port *out, struct error *err);

#endif
