/* profile.h -- how the simulated public behaves, and what one number does when it is called.
 *
 * A plan is a pure function of (seed, number, how often it was called): the same seed gives the
 * same public. The file is INI; every key is optional:
 *
 *   [public]
 *   person, machine, busy, unknown, congestion, rejected, fax: shares of 1; the rest rings on
 *   [times]
 *   ring_s, talk_s, machine_s: medians of log-normal times, in seconds
 *
 * The number and the seed choose the voice too, French or English.
 */
#ifndef CADRAN_CARRIER_PROFILE_H
#define CADRAN_CARRIER_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct carrier_profile {
    double person, machine, busy, unknown, congestion, rejected, fax;
    double ring_s, talk_s, machine_s;
};

void profile_default(struct carrier_profile *profile);
/* Refuses unknown keys, shares outside 0..1 or above 1 in sum, times outside 0.01..3600. */
enum status profile_read(const char *path, struct carrier_profile *profile,
                         struct error *err) MUST_USE;

enum plan_kind {
    PLAN_PERSON,
    PLAN_MACHINE,
    PLAN_FAX,
    PLAN_NO_ANSWER,
    PLAN_BUSY,         /* 486 */
    PLAN_BUSY_TONE,    /* 183 and a busy tone, as many networks do */
    PLAN_UNKNOWN,      /* 404 */
    PLAN_UNKNOWN_TONE, /* 183, the special information tone and an announcement, then 404 */
    PLAN_CONGESTION,   /* 503 with Q.850 cause 34 */
    PLAN_CONGESTION_TONE,
    PLAN_REJECTED, /* 603 after a few rings */
};

struct carrier_plan {
    enum plan_kind kind;
    int64_t delay_ms;  /* from the INVITE to ringing */
    int64_t ring_ms;   /* from ringing to the answer or the refusal */
    int64_t talk_ms;   /* from the answer to their hanging up */
    uint64_t voice;    /* which clips */
    bool has_ringback; /* 183 with the network's ring-back instead of 180 */
};

void profile_plan(const struct carrier_profile *profile, uint64_t seed, const char *number,
                  uint32_t calls_before, struct carrier_plan *plan);

#endif
