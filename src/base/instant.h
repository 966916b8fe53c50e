/* instant.h -- points in time and civil dates, in types that cannot be mixed up.
 *
 * struct mono counts from an arbitrary start and never jumps: deadlines and durations.
 * struct wall is UTC: what is stored, shown and compared with the law. Both in microseconds.
 * Civil dates are the proleptic Gregorian calendar in UTC; zones are model/zone.h.
 * Pure, but for instant_mono_now and instant_wall_now; any thread. */
#ifndef CADRAN_BASE_INSTANT_H
#define CADRAN_BASE_INSTANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mono {
    int64_t us;
};
struct wall {
    int64_t us; /* since 1970-01-01T00:00:00Z */
};

#define US_PER_MS INT64_C(1000)
#define US_PER_S INT64_C(1000000)
#define US_PER_MINUTE (INT64_C(60) * US_PER_S)
#define US_PER_DAY (INT64_C(86400) * US_PER_S)

struct civil {
    int32_t year;  /* 1970..9999 */
    int32_t month; /* 1..12 */
    int32_t day;   /* 1..31 */
    int32_t hour, minute, second;
    int32_t microsecond;
    int32_t weekday; /* 1 = Monday .. 7 = Sunday (ISO 8601) */
};

struct mono instant_mono_now(void);
struct wall instant_wall_now(void);

struct civil civil_from_wall(struct wall at);
/* The weekday of `civil` is ignored. */
struct wall wall_from_civil(const struct civil *civil);
/* Days since 1970-01-01 of a date; months and days must be in range. */
int64_t civil_days(int32_t year, int32_t month, int32_t day);

/* "2026-11-21T22:49:00.000Z" */
#define WALL_TEXT_SIZE 32
void wall_format(struct wall at, char text[WALL_TEXT_SIZE]);
/* Reads the form above; seconds' fraction optional, offset "Z" or "+hh:mm". */
bool wall_parse(const char *text, struct wall *at);

#endif
