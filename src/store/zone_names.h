/* zone_names.h -- a set of zones as text: names joined by newlines, in the table's order.
 * Indices change with the system's tzdata; names are what lasts. Pure; any thread. */
#ifndef CADRAN_STORE_ZONE_NAMES_H
#define CADRAN_STORE_ZONE_NAMES_H

#include "model/zone.h"

#define ZONE_NAMES_SIZE (ZONE_SET_MAX * ZONE_NAME_SIZE)

void zone_names_join(const struct zone_table *table, const struct zone_set *set,
                     char names[ZONE_NAMES_SIZE]);
/* Fills count and zones. A name that the table does not have any more empties the set: a zone
 * that cannot be looked up is never open. */
void zone_names_split(const struct zone_table *table, const char *names, struct zone_set *set);

#endif
