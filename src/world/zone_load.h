/* zone_load.h -- every time zone of the system, as one immutable table.
 *
 * Reads the TZif files of the system's tzdata (RFC 8536) directly: libical, which is used for
 * recurrences, turns them into rules and loses changes that follow none
 * (docs/decisions/store.md). Changes after a file's last one come from its footer's rule, up to
 * the year 2100. Called once at start, before other threads read the table. */
#ifndef CADRAN_WORLD_ZONE_LOAD_H
#define CADRAN_WORLD_ZONE_LOAD_H

#include "base/status.h"
#include "model/zone.h"

#define ZONE_FOLDER "/usr/share/zoneinfo"
#define ZONE_COUNT_MAX 1024

/* Loads the zones below `folder` (NULL: ZONE_FOLDER), sorted by name. A malformed file is
 * STATUS_INVALID with its name; a missing folder STATUS_NOT_FOUND. zone_unload frees. */
enum status zone_load(const char *folder, struct zone_table *table, struct error *err);
void zone_unload(struct zone_table *table);

/* Reads one file's bytes into a zone (its name apart); changes are owned by it (free()). */
enum status zone_read(const unsigned char *bytes, size_t len, struct zone *zone,
                      struct error *err);

#endif
