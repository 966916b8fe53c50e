/* value.h -- how the texts of contacts and filters are read: columns, folding, numbers, dates.
 * The rules are those of docs/filters.md. SQL calls the same functions. Pure; any thread. */
#ifndef CADRAN_FILTER_VALUE_H
#define CADRAN_FILTER_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/instant.h"

/* The text at a position of a JSON array, cut to `room` bytes at a character. Returns its
 * length; 0 where there is none. `out` is not terminated. */
size_t filter_column_text(const char *data, size_t len, int32_t column, char *out, size_t room);
/* Without case and accents. `out` has room for `len` bytes; returns the length. */
size_t filter_fold(const char *text, size_t len, char *out);
/* The part of a folded text that orders contacts. */
#define FILTER_SORT_BYTES 64
size_t filter_sort_len(const char *folded, size_t len);

#define FILTER_NUMBER_CHARACTERS_MAX 64
bool filter_number(const char *text, size_t len, double *number);
bool filter_date(const char *text, size_t len, struct wall *at);
/* PxxDTyyHzzM */
bool filter_relative(const char *text, size_t len, int64_t *us);

#endif
