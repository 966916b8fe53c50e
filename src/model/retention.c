#include "model/retention.h"

#include <string.h>
#include <strings.h>

const char *const retention_names[RETENTION_COUNT + 1] = {
    [RETENTION_NEVER] = "Never",
    [RETENTION_TODAY] = "Today",
    [RETENTION_DAYS] = "RetentionDays",
};

bool retention_from_name(const char *text, bool ignores_case, enum retention *retention)
{
    for (int i = 0; i < RETENTION_COUNT; i++)
        if ((ignores_case ? strcasecmp(text, retention_names[i])
                          : strcmp(text, retention_names[i])) == 0) {
            *retention = (enum retention)i;
            return true;
        }
    return false;
}

struct wall retention_end(enum retention retention, int64_t days, struct wall from,
                          const struct zone *zone)
{
    if (retention == RETENTION_DAYS)
        return (struct wall){from.us + days * US_PER_DAY};
    return retention == RETENTION_TODAY ? zone_day_end(zone, from) : (struct wall){0};
}
