/* retention.h -- how long a contact, or all the contacts of a list, are kept. Pure; any thread.
 */
#ifndef CADRAN_MODEL_RETENTION_H
#define CADRAN_MODEL_RETENTION_H

#include "model/zone.h"

enum retention { RETENTION_NEVER, RETENTION_TODAY, RETENTION_DAYS, RETENTION_COUNT };
/* "Never", "Today", "RetentionDays", NULL: the words of Genesys Cloud. */
extern const char *const retention_names[RETENTION_COUNT + 1];
#define RETENTION_DAYS_MAX 3650

/* False: the text is none of the words. */
bool retention_from_name(const char *text, bool ignores_case, enum retention *retention);
/* When what began at `from` goes; 0 = never. TODAY lasts until the midnight of `zone`; NULL:
 * UTC's. */
struct wall retention_end(enum retention retention, int64_t days, struct wall from,
                          const struct zone *zone);

#endif
