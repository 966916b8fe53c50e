/* listing.h -- what the commands that manage things share: finding by name, printing answers.
 */
#ifndef CADRAN_CLI_LISTING_H
#define CADRAN_CLI_LISTING_H

#include <stdbool.h>

#include <jansson.h>

#include "base/status.h"

struct common_options {
    const char *data; /* --data */
    bool is_json;     /* --json */
};

/* Takes --data DIR and --json out of the arguments, wherever they stand. STATUS_INVALID when a
 * value is missing. */
enum status common_read(int *argc, char **argv, struct common_options *common,
                        struct error *err) MUST_USE;

/* The id of the thing at `path` whose name (or, for users, e-mail) is `name`; the caller's.
 * STATUS_NOT_FOUND when there is none. */
enum status find_id(const char *data, const char *path, const char *key, const char *name,
                    char **id, struct error *err) MUST_USE;
/* All entities of a listing, every page; the caller's. */
enum status list_all(const char *data, const char *path, json_t **entities,
                     struct error *err) MUST_USE;

/* Prints one JSON object as a line. */
void print_json(const json_t *value);

#endif
