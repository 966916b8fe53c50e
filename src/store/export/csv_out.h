/* csv_out.h -- writes delimited text as import/csv.h reads it: RFC 4180, UTF-8, lines end in CR
 * LF.
 *
 * Values are written as they are, so that a file which comes back says the same; a value that
 * begins with "=" stays a formula for a spreadsheet. Failures are kept and told at the end: a
 * full disk ends in csv_out_close. One thread. */
#ifndef CADRAN_STORE_EXPORT_CSV_OUT_H
#define CADRAN_STORE_EXPORT_CSV_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct csv_out;

/* Creates the file, readable by its owner only, or empties it. */
enum status csv_out_open(const char *path, struct csv_out **out, struct error *err);
/* Goes on behind the first `size` bytes of a file; what lies behind them goes. */
enum status csv_out_resume(const char *path, int64_t size, struct csv_out **out,
                           struct error *err);
void csv_out_value(struct csv_out *out, const char *value, size_t len);
void csv_out_text(struct csv_out *out, const char *text);
/* 1 or 0. */
void csv_out_flag(struct csv_out *out, bool is_set);
void csv_out_end_row(struct csv_out *out);
/* Makes what was written so far durable; its size is what csv_out_resume takes. */
enum status csv_out_sync(struct csv_out *out, int64_t *size, struct error *err);
/* Whether something could not be written already. */
bool csv_out_has_failed(const struct csv_out *out);
/* Durable when it answers OK. STATUS_UNAVAILABLE where something could not be written. NULL is
 * accepted. */
enum status csv_out_close(struct csv_out *out, struct error *err);

#endif
