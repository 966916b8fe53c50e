/* side_file.h -- the CSV files that an import leaves beside what it wrote: the rows that it
 * refused (line,column,reason,value), and which contact each row became (line,id).
 * They are written by the thread that commits, before its transaction is stored with their
 * sizes, and cut to those sizes by whoever goes on: they never tell of a row that is looked at
 * again. */
#ifndef CADRAN_STORE_IMPORT_SIDE_FILE_H
#define CADRAN_STORE_IMPORT_SIDE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/status.h"

#define REFUSED_HEADER "line,column,reason,value\r\n"
/* Named as in an export, so that the two files join. */
#define IDS_HEADER "line,inin-outbound-id\r\n"

struct side_file;

/* `path` NULL: nothing is kept. Goes on behind `size` bytes; with 0 it begins with the header.
 * STATUS_UNAVAILABLE where the file cannot be made. */
enum status side_file_open(const char *path, const char *header, int64_t size,
                           struct side_file **file, struct error *err);
int64_t side_file_size(const struct side_file *file);
/* STATUS_UNAVAILABLE where the disk is full. */
enum status side_file_append(struct side_file *file, const struct buffer *rows,
                             struct error *err);
/* Forgets what stands behind `size` bytes. */
void side_file_cut(struct side_file *file, int64_t size);
/* STATUS_UNAVAILABLE where something could not be written. NULL is accepted. */
enum status side_file_close(struct side_file *file, struct error *err);

/* One row of either kind, to be written later. */
void refused_row(struct buffer *rows, int64_t line, const char *column, const char *reason,
                 const char *value, size_t value_len);
void ids_row(struct buffer *rows, int64_t line, const char *id);

#endif
