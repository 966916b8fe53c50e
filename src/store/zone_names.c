#include "store/zone_names.h"

#include <stdio.h>
#include <string.h>

void zone_names_join(const struct zone_table *table, const struct zone_set *set,
                     char names[ZONE_NAMES_SIZE])
{
    size_t len = 0;
    names[0] = '\0';
    for (int32_t i = 0; i < set->count; i++)
        len += (size_t)snprintf(names + len, ZONE_NAMES_SIZE - len, "%s%s", i ? "\n" : "",
                                table->zones[set->zones[i]].name);
}

void zone_names_split(const struct zone_table *table, const char *names, struct zone_set *set)
{
    set->count = 0;
    while (*names && set->count < ZONE_SET_MAX) {
        size_t len = strcspn(names, "\n");
        char name[ZONE_NAME_SIZE];
        snprintf(name, sizeof(name), "%.*s", (int)len, names);
        const struct zone *zone = zone_find(table, name);
        if (!zone) {
            set->count = 0;
            return;
        }
        set->zones[set->count++] = (int16_t)(zone - table->zones);
        names += len + (names[len] == '\n');
    }
}
