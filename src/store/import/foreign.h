/* foreign.h -- a file that is no CSV of ours, made into one by a file specification: lines of
 * fixed length or with any delimiter, with lines before and after the data, and with texts that
 * are replaced first. Reads line by line, so memory is bounded; a line that is too long is
 * refused by its number. One thread. */
#ifndef CADRAN_STORE_IMPORT_FOREIGN_H
#define CADRAN_STORE_IMPORT_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

#define FOREIGN_COLUMN_MAX 200
#define FOREIGN_RULE_MAX 20
#define FOREIGN_LINE_MAX 65536 /* bytes, before and after replacing */

struct foreign_column {
    const char *name;
    int32_t number;        /* of the delimited value, from 0 */
    int32_t start, length; /* characters, of a line of fixed length */
};
struct foreign_rule {
    const char *pattern;     /* a POSIX extended regular expression */
    const char *replacement; /* $1 to $9 are its groups, $$ a dollar */
    bool is_global, ignores_case;
};
struct foreign_file {
    bool is_fixed;
    const char *delimiter; /* one or more bytes */
    bool has_header;       /* of a delimited file: its first line of data names the columns */
    int32_t heading_lines, trailing_lines; /* passed over */
    int32_t column_count;                  /* 0: the header's, all of them */
    struct foreign_column columns[FOREIGN_COLUMN_MAX];
    int32_t rule_count;
    struct foreign_rule rules[FOREIGN_RULE_MAX];
};

/* Writes `to` as CSV. STATUS_INVALID names the line, and nothing may be made of the file then.
 */
enum status foreign_convert(const struct foreign_file *file, const char *from, const char *to,
                            struct error *err);

#endif
