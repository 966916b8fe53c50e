#include "model/zone.h"

#include <string.h>

bool zone_set_add(struct zone_set *set, int16_t zone)
{
    int32_t at = set->count;
    while (at > 0 && set->zones[at - 1] > zone)
        at--;
    if (at > 0 && set->zones[at - 1] == zone)
        return true;
    if (set->count == ZONE_SET_MAX)
        return false;
    memmove(&set->zones[at + 1], &set->zones[at],
            (size_t)(set->count - at) * sizeof(set->zones[0]));
    set->zones[at] = zone;
    set->count++;
    return true;
}

const struct zone *zone_find(const struct zone_table *table, const char *name)
{
    size_t low = 0, high = table->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, table->zones[middle].name);
        if (order == 0)
            return &table->zones[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

int32_t zone_offset_s(const struct zone *zone, struct wall at)
{
    int64_t at_s = at.us >= 0 ? at.us / US_PER_S : -((-at.us + US_PER_S - 1) / US_PER_S);
    size_t low = 0, high = zone->change_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->changes[middle].at_s <= at_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? zone->changes[low - 1].offset_s : zone->offset_first_s;
}

struct civil zone_local(const struct zone *zone, struct wall at)
{
    return civil_from_wall((struct wall){at.us + zone_offset_s(zone, at) * US_PER_S});
}

struct wall zone_utc(const struct zone *zone, const struct civil *local)
{
    int64_t naive_us = wall_from_civil(local).us;
    /* The offset a day before and a day after bracket at most one change. */
    int64_t before = zone_offset_s(zone, (struct wall){naive_us - US_PER_DAY}) * US_PER_S;
    int64_t after = zone_offset_s(zone, (struct wall){naive_us + US_PER_DAY}) * US_PER_S;
    struct wall early = {naive_us - before};
    if (zone_offset_s(zone, early) * US_PER_S == before)
        return early;
    struct wall late = {naive_us - after};
    if (zone_offset_s(zone, late) * US_PER_S == after)
        return late;
    return early; /* in the gap: the same distance past it */
}

struct wall zone_day_end(const struct zone *zone, struct wall at)
{
    struct civil day = zone ? zone_local(zone, at) : civil_from_wall(at);
    day.hour = day.minute = day.second = day.microsecond = 0;
    struct wall noon = {wall_from_civil(&day).us + US_PER_DAY + US_PER_DAY / 2};
    struct civil next = civil_from_wall(noon);
    next.hour = next.minute = next.second = next.microsecond = 0;
    return zone ? zone_utc(zone, &next) : wall_from_civil(&next);
}
