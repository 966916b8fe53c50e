#include "model/time_set.h"

/* One zone: open now, or the next opening after `now` (at most 8 days ahead). */
static enum time_set_verdict check_zone(const struct time_set *set, const struct zone *zone,
                                        int16_t index, struct wall now, struct wall *opens)
{
    struct civil local = zone_local(zone, now);
    bool has_next = false;
    struct wall next = {0};
    for (int32_t ahead = 0; ahead <= 8; ahead++) {
        struct civil day = civil_from_wall((struct wall){
            (civil_days(local.year, local.month, local.day) + ahead) * US_PER_DAY});
        for (int32_t i = 0; i < set->slot_count; i++) {
            const struct time_slot *slot = &set->slots[i];
            if (slot->zone != index || slot->day != day.weekday ||
                slot->stop_s <= slot->start_s)
                continue;
            struct civil at = day;
            at.hour = slot->start_s / 3600;
            at.minute = slot->start_s / 60 % 60;
            at.second = slot->start_s % 60;
            struct wall start = zone_utc(zone, &at);
            struct civil midnight = civil_from_wall(
                (struct wall){(civil_days(day.year, day.month, day.day)) * US_PER_DAY +
                              slot->stop_s * US_PER_S});
            struct wall stop = zone_utc(zone, &midnight);
            if (start.us <= now.us && now.us < stop.us)
                return TIME_SET_OPEN;
            if (start.us > now.us && (!has_next || start.us < next.us)) {
                next = start;
                has_next = true;
            }
        }
        if (has_next)
            break;
    }
    *opens = next;
    return has_next ? TIME_SET_CLOSED : TIME_SET_ZONE_UNKNOWN;
}

enum time_set_verdict time_set_check(const struct time_set *set, const struct zone_table *table,
                                     const struct zone_set *zones, struct wall now,
                                     struct wall *until)
{
    *until = now;
    if (!set)
        return TIME_SET_OPEN;
    if (!zones || !zones->count)
        return TIME_SET_ZONE_UNKNOWN;
    struct wall at = now;
    /* Move forward to the latest opening until all zones agree; each turn moves at least one
     * opening ahead, and eight days without agreement is "never". */
    while (at.us - now.us <= 8 * US_PER_DAY) {
        struct wall latest = at;
        for (int32_t i = 0; i < zones->count; i++) {
            int16_t index = zones->zones[i];
            if (index < 0 || (size_t)index >= table->count)
                return TIME_SET_ZONE_UNKNOWN;
            struct wall opens;
            switch (check_zone(set, &table->zones[index], index, at, &opens)) {
            case TIME_SET_OPEN: break;
            case TIME_SET_CLOSED:
                if (opens.us > latest.us)
                    latest = opens;
                break;
            case TIME_SET_ZONE_UNKNOWN: return TIME_SET_ZONE_UNKNOWN;
            }
        }
        if (latest.us == at.us) {
            *until = at;
            return at.us == now.us ? TIME_SET_OPEN : TIME_SET_CLOSED;
        }
        at = latest;
    }
    return TIME_SET_ZONE_UNKNOWN;
}
