/* tables.h -- the resources' tables. Not for other folders: resource_of is. */
#ifndef CADRAN_RESOURCE_TABLES_H
#define CADRAN_RESOURCE_TABLES_H

#include "resource/resource.h"

/* Of any document: lists that have routes of their own and are in no body. */
extern const struct field resource_hidden_fields[];

enum status contact_list_check(const json_t *document, const struct resource_world *world,
                               struct error *err);
/* Of lists and of templates of lists. */
enum status import_template_check(const json_t *document, const struct resource_world *world,
                                  struct error *err);
enum status file_specification_check(const json_t *document, const struct resource_world *world,
                                     struct error *err);
enum status dnc_list_check(const json_t *document, const struct resource_world *world,
                           struct error *err);
enum status attempt_limits_check(const json_t *document, const struct resource_world *world,
                                 struct error *err);
enum status callable_times_check(const json_t *document, const struct resource_world *world,
                                 struct error *err);
enum status campaign_check(const json_t *document, const struct resource_world *world,
                           struct error *err);
enum status filter_source_check(const json_t *document, const struct resource_world *world,
                                struct error *err);
enum status user_check(const json_t *document, const struct resource_world *world,
                       struct error *err);

/* "09:00:00", "24:00:00": seconds of the day; -1: malformed. */
int32_t resource_day_seconds(const char *text);

#endif
