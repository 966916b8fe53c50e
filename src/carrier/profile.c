#include "carrier/profile.h"

#include <ini.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "base/random.h"

void profile_default(struct carrier_profile *profile)
{
    *profile = (struct carrier_profile){
        .person = 0.38,
        .machine = 0.18,
        .busy = 0.08,
        .unknown = 0.05,
        .congestion = 0.02,
        .rejected = 0.03,
        .fax = 0.01,
        .ring_s = 6,
        .talk_s = 20,
        .machine_s = 12,
    };
}

struct reading {
    struct carrier_profile *profile;
    char wrong[64];
};

static int take_key(void *context, const char *section, const char *name, const char *value)
{
    struct reading *reading = context;
    struct carrier_profile *p = reading->profile;
    const struct {
        const char *section, *name;
        double *target;
        double least, most;
    } keys[] = {
        {"public", "person", &p->person, 0, 1},
        {"public", "machine", &p->machine, 0, 1},
        {"public", "busy", &p->busy, 0, 1},
        {"public", "unknown", &p->unknown, 0, 1},
        {"public", "congestion", &p->congestion, 0, 1},
        {"public", "rejected", &p->rejected, 0, 1},
        {"public", "fax", &p->fax, 0, 1},
        {"times", "ring_s", &p->ring_s, 0.01, 3600},
        {"times", "talk_s", &p->talk_s, 0.01, 3600},
        {"times", "machine_s", &p->machine_s, 0.01, 3600},
    };
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        if (strcmp(section, keys[i].section) != 0 || strcmp(name, keys[i].name) != 0)
            continue;
        char *end;
        double number = strtod(value, &end);
        if (*value == '\0' || *end != '\0' ||
            !(number >= keys[i].least && number <= keys[i].most))
            break;
        *keys[i].target = number;
        return 1;
    }
    snprintf(reading->wrong, sizeof(reading->wrong), "[%.20s] %.30s", section, name);
    return 0;
}

enum status profile_read(const char *path, struct carrier_profile *profile, struct error *err)
{
    struct reading reading = {.profile = profile};
    profile_default(profile);
    int line = ini_parse(path, take_key, &reading);
    if (line < 0)
        return error_set(err, STATUS_NOT_FOUND, path, "the profile cannot be opened");
    if (line > 0)
        return error_set(err, STATUS_INVALID, path,
                         "line %d: %s: unknown key, or its value is out of range", line,
                         reading.wrong);
    double sum = profile->person + profile->machine + profile->busy + profile->unknown +
                 profile->congestion + profile->rejected + profile->fax;
    if (sum > 1.0 + 1e-9)
        return error_set(err, STATUS_INVALID, path,
                         "the shares of [public] add up to %.3f; at most 1 is possible", sum);
    return STATUS_OK;
}

/* FNV-1a: any fixed mixing will do, the generator behind it is good. */
static uint64_t mix(uint64_t seed, const char *number, uint32_t calls_before)
{
    uint64_t hash = UINT64_C(14695981039346656037) ^ seed;
    for (; *number; number++)
        hash = (hash ^ (unsigned char)*number) * UINT64_C(1099511628211);
    return (hash ^ calls_before) * UINT64_C(1099511628211);
}

static enum plan_kind draw_kind(const struct carrier_profile *p, double u, bool is_in_band)
{
    const struct {
        double share;
        enum plan_kind kind, in_band;
    } choices[] = {
        {p->person, PLAN_PERSON, PLAN_PERSON},
        {p->machine, PLAN_MACHINE, PLAN_MACHINE},
        {p->busy, PLAN_BUSY, PLAN_BUSY_TONE},
        {p->unknown, PLAN_UNKNOWN, PLAN_UNKNOWN_TONE},
        {p->congestion, PLAN_CONGESTION, PLAN_CONGESTION_TONE},
        {p->rejected, PLAN_REJECTED, PLAN_REJECTED},
        {p->fax, PLAN_FAX, PLAN_FAX},
    };
    for (size_t i = 0; i < ARRAY_LEN(choices); i++) {
        if (u < choices[i].share)
            return is_in_band ? choices[i].in_band : choices[i].kind;
        u -= choices[i].share;
    }
    return PLAN_NO_ANSWER;
}

void profile_plan(const struct carrier_profile *profile, uint64_t seed, const char *number,
                  uint32_t calls_before, struct carrier_plan *plan)
{
    struct random random;
    random_init(&random, mix(seed, number, calls_before));
    double u = random_unit(&random);
    bool is_in_band = random_unit(&random) < 0.4;
    plan->kind = draw_kind(profile, u, is_in_band);
    plan->delay_ms = 100 + (int64_t)random_below(&random, 500);
    plan->ring_ms = (int64_t)(1000 * random_lognormal(&random, profile->ring_s, 0.4));
    bool is_machine = plan->kind == PLAN_MACHINE || plan->kind == PLAN_FAX;
    double median = is_machine ? profile->machine_s : profile->talk_s;
    plan->talk_ms = (int64_t)(1000 * random_lognormal(&random, median, 0.5));
    plan->voice = random_next(&random);
    plan->has_ringback = random_unit(&random) < 0.3;
}
