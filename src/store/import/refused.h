/* refused.h -- the file of refused rows: CSV with the columns line,column,reason,value.
 * Rows are made by the thread that reads and written by the one that commits, so that the file
 * never tells of a row that a resumed import will look at again. */
#ifndef CADRAN_STORE_IMPORT_REFUSED_H
#define CADRAN_STORE_IMPORT_REFUSED_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/status.h"

struct refused;

/* `path` NULL: nothing is kept. Goes on behind `size` bytes, or begins with 0.
 * STATUS_UNAVAILABLE where the file cannot be made. */
enum status refused_open(const char *path, int64_t size, struct refused **refused,
                         struct error *err);
/* One row, to be written later. */
void refused_row(struct buffer *rows, int64_t line, const char *column, const char *reason,
                 const char *value, size_t value_len);
/* Writes rows and says how long the file is then. */
enum status refused_write(struct refused *refused, const struct buffer *rows, int64_t *size,
                          struct error *err);
/* STATUS_UNAVAILABLE where something could not be written. NULL is accepted. */
enum status refused_close(struct refused *refused, struct error *err);

#endif
