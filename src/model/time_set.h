/* time_set.h -- callable times: the weekly slots of each zone, and when the next one opens.
 * Pure; any thread. Terms: docs/glossary.md. A zone that is not in
 * the set is never callable; a set of zones is open when every one of its zones is. */
#ifndef CADRAN_MODEL_TIME_SET_H
#define CADRAN_MODEL_TIME_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "model/zone.h"

#define TIME_SLOT_MAX 70
#define TIME_SET_ZONE_MAX 128

struct time_slot {
    int16_t zone;            /* index into the zone table */
    int8_t day;              /* 1 = Monday .. 7 = Sunday */
    int32_t start_s, stop_s; /* of the day, start <= t < stop; 86400 is the day's end */
};

struct time_set {
    int64_t id;
    int32_t slot_count;
    const struct time_slot *slots;
};

enum time_set_verdict {
    TIME_SET_OPEN,
    TIME_SET_CLOSED,       /* *until says when it opens */
    TIME_SET_ZONE_UNKNOWN, /* a zone of the set is not listed, or never opens */
};

/* Whether every zone in `zones` is open at `now`. When closed, *until is the next instant, at
 * most eight days ahead, at which all are open. A NULL set is always open. */
enum time_set_verdict time_set_check(const struct time_set *set, const struct zone_table *table,
                                     const struct zone_set *zones, struct wall now,
                                     struct wall *until);

#endif
