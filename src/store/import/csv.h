/* csv.h -- a streaming reader of delimited text: rows of UTF-8 values, with line numbers.
 *
 * Comma, semicolon or tab, found from the first row; quotes around values may hold delimiters,
 * newlines and doubled quotes (RFC 4180). UTF-8 with or without a mark; Windows-1252 where the
 * bytes are not UTF-8; UTF-16, archives and binary files are refused by name. Nothing is
 * trusted: every length has a limit. One thread. */
#ifndef CADRAN_STORE_IMPORT_CSV_H
#define CADRAN_STORE_IMPORT_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define CSV_COLUMN_MAX 50  /* columns of a list */
#define CSV_FIELD_MAX 200  /* values of a row: an export has system columns too */
#define CSV_HEADER_MAX 128 /* characters of a column's name */
#define CSV_VALUE_MAX 512  /* characters of a value */
#define CSV_ROW_MAX ((size_t)256 * 1024)

struct csv;

struct csv_value {
    const char *text; /* UTF-8, not terminated; alive until the next row is read */
    size_t len;
};

enum csv_fault {
    CSV_OK,
    CSV_UNCLOSED, /* quotes are not closed before the end of the file, or of the row limit */
    CSV_TOO_LONG, /* the row has more than CSV_ROW_MAX bytes */
    CSV_TOO_MANY, /* more values than CSV_FIELD_MAX */
    CSV_NUL,      /* a NUL byte */
    CSV_BAD_TEXT, /* bytes that are not UTF-8, in a file that is */
    CSV_STRAY,    /* characters between a closing quote and the next delimiter */
};
/* One sentence for the person who sent the file. */
const char *csv_fault_text(enum csv_fault fault);

struct csv_row {
    int64_t line; /* of its first character, from 1 */
    enum csv_fault fault;
    int32_t count; /* values; what was read of them where there is a fault */
    struct csv_value values[CSV_FIELD_MAX];
};

/* Opens the file and looks at all of it once; `called` is its name in sentences.
 * STATUS_NOT_FOUND, STATUS_INVALID (empty, UTF-16, archive, binary), STATUS_UNAVAILABLE. */
enum status csv_open(const char *path, const char *called, struct csv **csv, struct error *err);
void csv_close(struct csv *csv);
/* The next row that is not blank. STATUS_NOT_FOUND at the end; STATUS_UNAVAILABLE where the
 * file cannot be read on. A row with a fault is a row: reading goes on behind it. */
enum status csv_next(struct csv *csv, struct csv_row *row, struct error *err);
/* Where reading stands, and going on from there: both between two rows. */
struct csv_place {
    int64_t position, line;
};
struct csv_place csv_place(const struct csv *csv);
enum status csv_seek(struct csv *csv, struct csv_place place, struct error *err);
/* ',', ';' or a tab. */
char csv_delimiter(const struct csv *csv);
bool csv_is_windows_1252(const struct csv *csv);
int64_t csv_size(const struct csv *csv);
/* Bytes read so far. */
int64_t csv_position(const struct csv *csv);

#endif
