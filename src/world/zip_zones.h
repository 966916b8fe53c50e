/* zip_zones.h -- the time zone of a United States ZIP code.
 * A number says where it was given out, a ZIP code where its owner lives: a contact that has
 * both may be called only when both places are open. The table comes from npm's
 * zipcode-to-timezone at build time; a code between two known ones of the same three digits and
 * the same zone, which is given out later, is in that zone too. Pure; any thread. */
#ifndef CADRAN_WORLD_ZIP_ZONES_H
#define CADRAN_WORLD_ZIP_ZONES_H

#include "model/zone.h"

/* The index of the zone's name; -1 where the text is no ZIP code, or none that is known.
 * "02134", "02134-1234"; leading zeros may be missing, as a spreadsheet leaves them. */
int zip_zone_find(const char *text, size_t len);
const char *zip_zone_name(int index);
/* Adds the zone of a ZIP code, where it is known, to the zones of a number. */
void zip_zone_add(const struct zone_table *table, int index, struct zone_set *set);

/* The generated table. */
#define ZIP_ZONE_NAMES_MAX 32
struct zip_run {
    int32_t first; /* up to the next run's first */
    int16_t zone;  /* in zip_zone_names; -1: not known */
};
extern const struct zip_run zip_runs[]; /* ascending, from 0 */
extern const size_t zip_run_count;
extern const char *const zip_zone_names[];
extern const size_t zip_zone_name_count;

#endif
