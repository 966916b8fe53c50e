/* contact_data.h -- a contact's values as they are stored: a JSON array of texts.
 * Reads what our own writers make, one value at a time, without a JSON library: an export has
 * fifty million values. Damaged data ends the walk, never the process. Pure; any thread. */
#ifndef CADRAN_STORE_EXPORT_CONTACT_DATA_H
#define CADRAN_STORE_EXPORT_CONTACT_DATA_H

#include <stdbool.h>
#include <stddef.h>

/* The next value, decoded; *at begins behind the opening bracket. A value longer than `room`
 * is cut. False at the end. `text` is terminated. */
bool contact_data_next(const char **at, char *text, size_t room, size_t *len);
/* The bytes of `value` as a JSON text, quotes included; `out` has room for 6 * len + 2. */
size_t contact_data_put(char *out, const char *value, size_t len);

#endif
