/* filter_sql.h -- a filter as the text of a WHERE, with every value bound.
 *
 * The rows are `contact c` and, where uses_state says so, `contact_state s`; addresses are
 * looked up in `address a`, their zones in `zone_set z`. Values of columns are read by
 * functions that the database must have: cadran_text(data, column) folded, cadran_number(data,
 * column), cadran_date(data, column), NULL where there is none, and cadran_fold(text). Every
 * test is true or false, never NULL. */
#ifndef CADRAN_STORE_FILTER_SQL_H
#define CADRAN_STORE_FILTER_SQL_H

#include "base/buffer.h"
#include "filter/filter.h"

enum filter_dialect { FILTER_SQLITE, FILTER_POSTGRES };

struct filter_sql_value {
    char type; /* i, r (real), t */
    int64_t integer;
    double real;
    const char *text; /* the filter's own */
    size_t len;
};

struct filter_sql {
    enum filter_dialect dialect;
    int32_t first;      /* number of the first parameter */
    struct buffer text; /* "" = every contact */
    struct filter_sql_value *values;
    size_t count, capacity;
    bool uses_state;
};

/* `filter` may be NULL. */
void filter_sql_init(struct filter_sql *sql, enum filter_dialect dialect, int32_t first,
                     const struct filter *filter, struct wall now);
void filter_sql_fini(struct filter_sql *sql);
/* Appends the key that orders by a column, with its direction: "a DESC, b DESC". */
void filter_sql_sort(struct buffer *out, enum filter_dialect dialect, int16_t column,
                     bool is_numeric, bool is_descending);

#endif
