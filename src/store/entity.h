/* entity.h -- what every back end checks and says about configuration entities.
 * Pure; any thread. Each sentence names the thing, the reason and the mend. */
#ifndef CADRAN_STORE_ENTITY_H
#define CADRAN_STORE_ENTITY_H

#include "port/store.h"

#define ENTITY_NAME_MAX 256  /* bytes */
#define ENTITY_REFS_MAX 4096 /* what one document may refer to */

/* "campaign", "contact list", ... */
const char *entity_kind_name(enum entity_kind kind);
/* STATUS_INVALID where the kind or the name is no good. */
enum status entity_check(enum entity_kind kind, const char *name, size_t ref_count,
                         struct error *err);
enum status entity_missing(enum entity_kind kind, int64_t id, struct error *err);
enum status entity_unnamed(enum entity_kind kind, const char *name, struct error *err);
enum status entity_stale(enum entity_kind kind, int64_t id, int32_t stored, int32_t given,
                         struct error *err);
enum status entity_name_taken(enum entity_kind kind, const char *name, struct error *err);
enum status entity_dangling(const struct entity_ref *ref, struct error *err);
enum status entity_in_use(const char *name, enum entity_kind user_kind, const char *user_name,
                          size_t user_count, struct error *err);

#endif
