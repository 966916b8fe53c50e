/* importer.h -- runs CSV imports in the background, one thread each, for the API.
 *
 * At most IMPORTER_RUNNING_MAX at once, one per list. While one runs, and when it ends, the
 * engine is told of new zone sets and of campaigns that should look for more contacts. The rows
 * that were refused are left in DATA/imports/<list>-refused.csv. Any thread. */
#ifndef CADRAN_APP_IMPORTER_H
#define CADRAN_APP_IMPORTER_H

#include "api/api.h"
#include "port/store.h"
#include "runtime/runtime.h"

#define IMPORTER_RUNNING_MAX 2

struct importer;

struct importer_options {
    struct store_port store;
    const struct zone_table *zones;
    struct runtime *runtime;
    const char *data;
    const char *region; /* of numbers without a country code: "FR" */
};

enum status importer_create(const struct importer_options *options, struct importer **importer,
                            struct error *err);
struct api_importer importer_port(struct importer *importer);
/* Cancels what runs and waits for it. NULL is accepted. */
void importer_destroy(struct importer *importer);

#endif
