/* wrapup_mapping.h -- what wrap-up codes mean for contacts, as one document.
 *
 * Stored: {"defaultSet": [flag...], "mapping": {"<the code's number>": [flag...]}}. Flags:
 * CONTACT_UNCALLABLE, NUMBER_UNCALLABLE, RIGHT_PARTY_CONTACT, BUSINESS_SUCCESS,
 * BUSINESS_NEUTRAL, BUSINESS_FAILURE. A code that is not named has those of the default set.
 * Pure; any thread. */
#ifndef CADRAN_RESOURCE_WRAPUP_MAPPING_H
#define CADRAN_RESOURCE_WRAPUP_MAPPING_H

#include <jansson.h>

#include "base/status.h"
#include "resource/guid.h"

#define WRAPUP_MAPPING_NAME "wrap-up code mapping"
#define WRAPUP_MAPPING_MAX 5000 /* codes */

/* STATUS_OK: there is such a code. */
typedef enum status (*wrapup_code_fn)(void *context, int64_t code, struct error *err);
/* A body that came in -> the document to store, the caller's. STATUS_INVALID says where. */
enum status wrapup_mapping_read(const struct guid_key *key, const json_t *body,
                                wrapup_code_fn is_code, void *context, json_t **document,
                                struct error *err);
/* The flags of a code, in the document (or NULL: there is none). */
const json_t *wrapup_mapping_flags(const json_t *mapping, int64_t code);

#endif
