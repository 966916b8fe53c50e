/* zone.h -- civil time in a named zone, as a pure look-up.
 * A zone is a sorted table of offset changes, read once from the system's tzdata by world/ and
 * never changed after; so the engine can ask for local time without libraries or locks.
 * Source of the names: IANA time zone database. */
#ifndef CADRAN_MODEL_ZONE_H
#define CADRAN_MODEL_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"
#include "model/id.h"

#define ZONE_NAME_SIZE 48

struct zone_change {
    int64_t at_s;     /* UTC seconds from which the offset holds */
    int32_t offset_s; /* east of Greenwich is positive */
};

struct zone {
    char name[ZONE_NAME_SIZE]; /* "Europe/Paris" */
    int32_t offset_first_s;    /* before the first change */
    const struct zone_change *changes;
    size_t change_count;
};

/* Every zone of the system, sorted by name; owned by world/, immutable. */
struct zone_table {
    const struct zone *zones;
    size_t count;
};

/* A number with several possible zones may be called only when all of them are open. */
#define ZONE_SET_MAX 48 /* +1 without a known area may be any of 42 */
struct zone_set {
    struct zone_set_id id;
    int32_t count;
    int16_t zones[ZONE_SET_MAX]; /* indices into the zone table, ascending */
};

/* Puts a zone in its place; one that is there stays once. False where the set is full. */
bool zone_set_add(struct zone_set *set, int16_t zone);

/* NULL where there is none of that name. */
const struct zone *zone_find(const struct zone_table *table, const char *name);
int32_t zone_offset_s(const struct zone *zone, struct wall at);
/* The midnight that ends the day of an instant; `zone` NULL: UTC's. */
struct wall zone_day_end(const struct zone *zone, struct wall at);
struct civil zone_local(const struct zone *zone, struct wall at);
/* The UTC instant of a local time. In the hour that is skipped in spring the result is just
 * after the gap; in the hour that comes twice in autumn it is the first of the two. */
struct wall zone_utc(const struct zone *zone, const struct civil *local);

#endif
