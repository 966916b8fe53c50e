#include "world/number_zones.h"

#include <stdlib.h>

#include "base/memory.h"

struct number_zone_map {
    size_t count;
    struct zone_set *sets;
};

static void bind(const struct zone_table *table, const struct number_zone_set *from,
                 struct zone_set *set)
{
    for (uint16_t i = 0; i < from->count; i++) {
        const char *name = number_zone_names[number_zone_members[from->start + i]];
        const struct zone *zone = zone_find(table, name);
        if (!zone || !zone_set_add(set, (int16_t)(zone - table->zones))) {
            set->count = 0;
            return;
        }
    }
}

struct number_zone_map *number_zone_map_create(const struct zone_table *table)
{
    struct number_zone_map *map = memory_new(1, sizeof(*map));
    for (size_t i = 0; i < number_prefix_count; i++)
        if (number_prefixes[i].set >= map->count)
            map->count = (size_t)number_prefixes[i].set + 1;
    map->sets = memory_new(map->count, sizeof(*map->sets));
    for (size_t i = 0; i < map->count; i++)
        bind(table, &number_zone_sets[i], &map->sets[i]);
    return map;
}

void number_zone_map_destroy(struct number_zone_map *map)
{
    if (!map)
        return;
    free(map->sets);
    free(map);
}

size_t number_zone_map_count(const struct number_zone_map *map)
{
    return map->count;
}

static int find_prefix(int64_t prefix)
{
    size_t low = 0, high = number_prefix_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (number_prefixes[middle].prefix == prefix)
            return number_prefixes[middle].set;
        if (number_prefixes[middle].prefix < prefix)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

int number_zones_find(const struct number_zone_map *map, int64_t e164)
{
    (void)map;
    if (e164 <= 0)
        return -1;
    int64_t limit = 1;
    for (int i = 0; i < NUMBER_PREFIX_DIGITS; i++)
        limit *= 10;
    for (int64_t prefix = e164; prefix > 0; prefix /= 10) {
        int set = prefix < limit ? find_prefix(prefix) : -1;
        if (set >= 0)
            return set;
    }
    return -1;
}

const struct zone_set *number_zone_map_set(const struct number_zone_map *map, int index)
{
    return &map->sets[index];
}
