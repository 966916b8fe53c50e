/* refused.h -- the file of refused rows: CSV with the columns line,column,reason,value.
 * Two threads may add to it. */
#ifndef CADRAN_STORE_IMPORT_REFUSED_H
#define CADRAN_STORE_IMPORT_REFUSED_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct refused;

/* `path` NULL: nothing is kept. STATUS_UNAVAILABLE where the file cannot be made. */
enum status refused_open(const char *path, struct refused **refused, struct error *err);
void refused_add(struct refused *refused, int64_t line, const char *column, const char *reason,
                 const char *value, size_t value_len);
/* STATUS_UNAVAILABLE where something could not be written. NULL is accepted. */
enum status refused_close(struct refused *refused, struct error *err);

#endif
